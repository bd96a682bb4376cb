from datetime import UTC, datetime, timedelta, timezone

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.moment import read_moment, write_moment


def test_a_moment_is_written_in_utc_with_microseconds():
    east = timezone(timedelta(hours=2))
    assert write_moment(datetime(2025, 3, 1, 11, 30, tzinfo=east)) == "2025-03-01T09:30:00.000000Z"
    assert write_moment(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
    assert read_moment("2025-03-01T09:30:00.000001Z") == datetime(2025, 3, 1, 9, 30, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-01T09:30:00Z",
        "2025-03-01T09:30:00.000000+00:00",
        "2025-03-01 09:30:00.000000Z",
        "2025-02-30T09:30:00.000000Z",
        "2025-03-01T09:30:00.000000Z\n",
        "٢٠٢٥-03-01T09:30:00.000000Z",
        "",
    ],
)
def test_any_other_form_is_refused(text):
    with pytest.raises(InputError, match="is not a moment"):
        read_moment(text)


def test_what_has_no_utc_moment_is_refused():
    with pytest.raises(InputError, match="without a time zone"):
        write_moment(datetime(2025, 3, 1))  # noqa: DTZ001
    with pytest.raises(InputError, match="outside the years"):
        write_moment(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))
