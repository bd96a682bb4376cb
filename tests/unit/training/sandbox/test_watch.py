"""The watch counts from the moment the child is shut in, and reads only whole lines of its report."""

import json
from pathlib import Path

from secmlops.training.sandbox.isolation import Isolation, Requirement
from secmlops.training.sandbox.watch import Watch


def watch() -> Watch:
    return Watch(None, 0, Path("/nowhere"), Requirement(seconds=2))  # type: ignore[arg-type]


def test_starting_up_is_not_held_against_the_work() -> None:
    one = watch()
    assert not one._late(one._began + 30)
    assert one._late(one._began + 61)
    one._said += json.dumps(Isolation().to_json()).encode() + b"\n"
    assert not one._late(one._began + 40)
    assert not one._late(one._began + 41.9)
    assert one._late(one._began + 42.1)


def test_half_a_line_says_nothing_yet() -> None:
    one = watch()
    line = json.dumps(Isolation(landlock_abi=3).to_json()).encode()
    one._said += b'{"pid": 5}\n' + line[:20]
    assert one.isolation is None
    one._said += line[20:] + b"\n"
    assert one.isolation == Isolation(landlock_abi=3)
