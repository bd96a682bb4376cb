"""What the pickle reader knows about a value on the stack: a name, an instance, a text, a number, or nothing."""

from dataclasses import dataclass
from enum import Enum, auto

from secmlops.release.scan.pickled.allowed import Role


class Unknown(Enum):
    """Type of the one value that stands for a text or an object that cannot be known. Nobody may name or call it."""

    VALUE = auto()


UNKNOWN = Unknown.VALUE


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
    """What a call of ``maker`` gave, or an instance of the class ``maker``.

    ``args`` and ``state`` are what was handed to it, None where not known; ``shared`` says that it was taken from the
    memo or doubled, so that what is done to it now may change what was made of it before; ``element`` is
    what an array's type was found to be when its state was set, so that types within types are read once.
    """

    maker: Global
    args: object = None
    state: object = None
    shared: bool = False
    element: object = None


class Contents(dict[bytes, object]):
    """A dict that is followed because it may become the state of an object: its values by their keys.

    ``unclear`` says that a key cannot be known and may be any; ``sealed`` that an array's type holds the dict.
    """

    __slots__ = ("sealed", "unclear")

    def __init__(self) -> None:
        super().__init__()
        self.sealed = False
        self.unclear = False


# Every other value on the stack is text as its UTF-8 bytes, an int, a tuple of values, or None: something that can be
# neither named nor called (a float, a bytes object, a list, a set, a dict that is not followed).
