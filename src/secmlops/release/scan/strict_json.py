"""JSON out of an untrusted file: duplicate keys refused, size and nesting bounded."""

import json

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data


def read_json(data: Data, most: int) -> object:
    """Parse UTF-8 JSON of at most ``most`` bytes; raises VerificationError on anything that has two readings."""
    if len(data) > most:
        raise VerificationError(f"{len(data)} bytes of JSON are more than the limits allow")
    try:
        value: object = json.loads(str(data, "utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_refuse)
    except UnicodeDecodeError:
        raise VerificationError("the JSON is not UTF-8") from None
    except RecursionError:
        raise VerificationError("the JSON nests too deeply") from None
    except ValueError:
        raise VerificationError("the JSON cannot be parsed") from None
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise VerificationError("the JSON has a key twice in one object")
    return found


def _refuse(constant: str) -> object:
    raise VerificationError(f"the JSON holds {constant}, which JSON does not know")
