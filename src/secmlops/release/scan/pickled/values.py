"""What the pickle reader knows about a value on the stack: a name, an instance, a text, a number, or nothing."""

from dataclasses import dataclass

from secmlops.release.scan.pickled.allowed import Role


@dataclass(frozen=True, slots=True)
class Global:
    """Something taken by module and name; ``role`` is None where the name is not on the list of harmless ones."""

    module: str
    name: str
    role: Role | None

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Instance:
    """What a call of ``maker`` gave; ``args`` and ``state`` are what was handed to it, None where not known."""

    maker: Global
    args: object = None
    state: object = None


# Every other value on the stack is text as its UTF-8 bytes, an int, a tuple or a dict of values, or None: something
# that can be neither named nor called (a float, a bytes object, a list, a set).
