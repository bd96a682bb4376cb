"""The settings of serving: safe by default, and nothing that is not known or within its bounds."""

import msgspec
import pytest

from secmlops.serving.settings import AuditMode, GuardPolicy, ServingSettings
from secmlops.serving.watch import WatchAnswer


def read(given: object) -> ServingSettings:
    return msgspec.convert(given, ServingSettings)


def test_by_default_answers_are_on_record_first_and_everything_is_looked_at() -> None:
    settings = read({})
    assert settings == ServingSettings()
    assert (settings.host, settings.audit, settings.guard.policy) == ("127.0.0.1", AuditMode.DURABLE, GuardPolicy.FLAG)
    assert settings.watch.enabled
    assert settings.watch.guessing is WatchAnswer.TIGHTEN
    assert (settings.workers, settings.models, settings.outputs) == (1, (), {})


def test_everything_can_be_said() -> None:
    settings = read(
        {
            "port": 0, "workers": 4, "audit": "async", "models": [{"project": "../b", "release": "b-2"}],
            "networks": {"allow": ["10.0.0.0/8"]}, "limits": {"rate": 5, "per_day": 100},
            "validation": {"range": "clip", "features": {"age": {"missing": "refuse"}}},
            "guard": {"policy": "fallback", "fallback": "good"}, "watch": {"extraction": "block"},
            "outputs": {"caller": {"digits": 2}, "*": {"label_only": True}},
        }
    )  # fmt: skip
    assert settings.models[0].release == "b-2"
    assert settings.outputs["caller"].digits == 2
    assert settings.validation.features["age"].missing == "refuse"


@pytest.mark.parametrize(
    "given",
    [
        {"audits": "async"}, {"audit": "later"}, {"port": 65536}, {"workers": 0}, {"workers": 65},
        {"guard": {"policy": "maybe"}}, {"guard": {"fallbacks": 1}}, {"limits": {"rate": 0}}, {"limits": {"burst": 0}},
        {"limits": {"rate": float("inf")}}, {"limits": {"concurrent": 0}}, {"models": [{"name": "x"}]},
        {"outputs": {"*": {"noise": 0}}}, {"outputs": {"*": {"digits": -1}}}, {"outputs": {"*": {"top": 0}}},
        {"networks": {"allowed": []}}, {"watch": {"minutes": 0}},
        {"validation": {"range": "drop"}}, {"validation": {"features": {"age": {"ranges": "clip"}}}},
    ],
)  # fmt: skip
def test_what_is_unknown_or_out_of_bounds_is_refused(given: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(given)
