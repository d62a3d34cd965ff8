// Front page of Wire.
