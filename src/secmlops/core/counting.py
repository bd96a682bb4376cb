"""Numbers of things in words: one entry, two entries."""


def counted(number: int, one: str, several: str = "") -> str:
    """Number and noun that agree: ``several`` is the noun for any number but one, with an s by default."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
