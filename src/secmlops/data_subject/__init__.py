"""The rights of the person whom data are about: what is held on them, a copy of it, and its erasure."""
