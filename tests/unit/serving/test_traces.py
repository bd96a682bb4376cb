"""The settings of traces: off by default, and sent over https, or to this very machine."""

import msgspec
import pytest

from secmlops.core.errors import InputError
from secmlops.serving.traces import TraceSettings


def test_by_default_there_are_none() -> None:
    settings = TraceSettings()
    settings.check()
    assert (settings.endpoint, settings.share, settings.service) == (None, 1.0, "secmlops")


@pytest.mark.parametrize(
    "endpoint",
    ["http://127.0.0.1:4318/v1/traces", "http://[::1]:4318/v1/traces", "https://collector.example.com/v1/traces"],
)
def test_a_collector_is_reached_over_https_or_on_this_machine(endpoint: str) -> None:
    TraceSettings(endpoint=endpoint).check()


@pytest.mark.parametrize(
    "endpoint",
    ["http://collector.example.com/v1/traces", "http://10.0.0.7:4318", "collector:4318", "ftp://127.0.0.1/", "",
     "https://user:secret@collector.example.com/", "https://a b/"],
)  # fmt: skip
def test_anything_else_is_refused_without_being_repeated(endpoint: str) -> None:
    with pytest.raises(InputError) as refused:
        TraceSettings(endpoint=endpoint).check()
    assert refused.value.where == "serving.traces.endpoint"
    assert "secret" not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize("given", [{"share": 1.1}, {"share": -0.1}, {"service": ""}, {"url": "x"}, {"endpoint": 7}])
def test_what_has_the_wrong_shape_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, TraceSettings)
