"""Who may do what: users, roles, API keys, tokens and certificates, each change a signed entry in the ledger."""
