"""The kinds of alarm have names that stay."""

from secmlops.detect.clients.alarm import AlarmKind


def test_the_names_are_those_that_records_and_policies_use():
    assert [kind.value for kind in AlarmKind] == [
        "strange-queries",
        "boundary-queries",
        "line-search",
        "label-flips",
        "volume",
        "guessing",
        "scanning",
    ]
