// Front page of Amounts.
