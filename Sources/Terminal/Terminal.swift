// Front page of Terminal.
