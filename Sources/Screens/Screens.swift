// Front page of Screens.
