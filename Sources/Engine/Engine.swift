// Front page of Engine.
