"""A child process that can reach nothing: bytes go in, bytes come out, and what held is measured from inside."""
