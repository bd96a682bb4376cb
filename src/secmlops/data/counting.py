"""Says how many of a thing there are: ``1 row``, ``2 rows``."""


def counted(count: int, noun: str) -> str:
    """Return the count and the noun, with an ``s`` unless there is exactly one."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
