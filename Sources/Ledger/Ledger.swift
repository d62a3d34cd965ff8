// Front page of Ledger.
