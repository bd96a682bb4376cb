"""Keys and who may use them for what: signing, envelopes, model signatures, roles."""
