// Front page of Vault.
