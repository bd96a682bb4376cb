"""Pickles read opcode by opcode: which names they take and what they call, without running any of it."""
