// Front page of Prices.
