// Front page of Portfolio.
