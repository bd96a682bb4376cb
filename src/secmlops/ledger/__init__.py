"""The record that cannot be rewritten unseen: a signed Merkle log, with receipts anyone can check offline."""
