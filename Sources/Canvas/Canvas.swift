// Front page of Canvas.
