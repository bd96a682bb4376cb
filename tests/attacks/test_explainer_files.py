"""An explainer file that was made or changed by an attacker is refused, and costs little to refuse."""

import time

import msgspec
import numpy as np
import pytest

from kits.explain_world import fitted, signature_of
from secmlops.core.digest import Digest
from secmlops.core.errors import SecmlopsError, VerificationError
from secmlops.core.task import Task
from secmlops.explain import explainer as room
from secmlops.explain.explainer import Explainer
from secmlops.explain.making import Making, make_explainer
from secmlops.runtime.arrays import kind_of, pack, unpack
from secmlops.runtime.signature import Feature, FeatureKind, Signature
from secmlops.training.models import gradient_boosting, logistic_regression

SIGNATURE = signature_of(Task.BINARY)


@pytest.fixture(scope="module")
def stored() -> dict[str, bytes]:
    """An explainer of each kind."""
    made = {}
    kinds = (("linear", logistic_regression), ("trees", gradient_boosting), ("sampled", logistic_regression))
    for name, fit in kinds:
        model, predictor, train = fitted(fit, Task.BINARY, 150)
        made[name] = make_explainer(None if name == "sampled" else model, predictor, train, Making(rows=10)).to_bytes()
    return made


def arrays_of(data: bytes) -> dict[str, np.ndarray]:
    kind = kind_of(data)
    method = next(m for m, name in room._KINDS.items() if name == kind)
    return dict(unpack(data, kind, {**room._LAYOUTS[method], "about": ("U8", 1)}))


def changed(data: bytes, **arrays: np.ndarray) -> bytes:
    return pack(kind_of(data), arrays_of(data) | arrays)


def about_of(data: bytes, **members: object) -> bytes:
    about = msgspec.json.decode(arrays_of(data)["about"].tobytes()) | members
    return changed(data, about=np.frombuffer(msgspec.json.encode(about), np.uint8))


def refused(data: bytes, signature: Signature = SIGNATURE) -> None:
    began = time.monotonic()
    with pytest.raises(VerificationError):
        Explainer.from_bytes(data, signature)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", ["linear", "trees", "sampled"])
def test_a_cut_file_is_refused(stored: dict[str, bytes], kind: str) -> None:
    data = stored[kind]
    Explainer.from_bytes(data, SIGNATURE)
    for cut in range(0, len(data), max(len(data) // 40, 1)):
        refused(data[:cut])
    refused(data + b"\0")


@pytest.mark.parametrize("kind", ["linear", "trees", "sampled"])
def test_a_flipped_byte_is_refused_or_still_a_sound_explainer(stored: dict[str, bytes], kind: str) -> None:
    """Weights may be any finite numbers; whatever is read must never be read beyond its end."""
    _, predictor, train = fitted(logistic_regression, Task.BINARY, 150)
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(stored[kind]), 60):
        data = bytearray(stored[kind])
        data[place] ^= 1 << int(rng.integers(8))
        try:
            read = Explainer.from_bytes(bytes(data), SIGNATURE)
        except SecmlopsError:
            continue
        with np.errstate(all="ignore"):
            assert read.explain(train.take(slice(1)), predictor).contributions.shape == (1, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("feature", 5),
        ("feature", -1),
        ("literal", 10**9),
        ("literal", -1),
        ("column", 10**9),
        ("operator", 6),
        ("path_features", 31),
        ("path_features", 0),
        ("feature_literals", 2**31 - 1),
        ("feature_literals", -(2**31)),
        ("feature_literals", 0),
        ("path_patterns", 255),
        ("path_patterns", 0),
        ("pattern_rows", 0),
        ("pattern_rows", 255),
        ("lacks", 2**31 - 1),
        ("lacks", -1),
        ("background", 0),
        ("background", -1),
        ("background", 2**62),
    ],
)
def test_counts_and_places_that_lead_out_of_the_tables_are_refused(
    stored: dict[str, bytes], name: str, value: int
) -> None:
    array = arrays_of(stored["trees"])[name].copy()
    array[0] = value
    refused(changed(stored["trees"], **{name: array}))


@pytest.mark.parametrize("kind", ["linear", "trees"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(stored: dict[str, bytes], kind: str, value: float) -> None:
    base = np.array([value])
    refused(changed(stored[kind], base=base))


@pytest.mark.parametrize(
    "members",
    [
        {"version": 2},
        {"model": "0" * 63},
        {"method": "sampled"},
        {"method": "guess"},
        {"scale": "prediction"},
        {"scale": "anything"},
        {"columns": []},
        {"columns": [{"type": "number", "feature": 3}] * 13},
        {"columns": [{"type": "number", "feature": -1}] * 13},
        {"columns": [{"type": "number", "feature": 0}] * 100_001},
        {"columns": [{"type": "category", "feature": 0, "values": {str(i): 1.0 for i in range(3000)}}] * 2000},
        {"phrases": {"nothing": "x"}},
        {"phrases": {"age": "a\nb"}},
        {"usual": [[1.0]]},
        {"more": 1},
    ],
)
def test_words_that_do_not_fit_the_model_are_refused(stored: dict[str, bytes], members: dict[str, object]) -> None:
    refused(about_of(stored["linear"], **members))


def test_the_same_words_in_another_form_are_refused(stored: dict[str, bytes]) -> None:
    text = arrays_of(stored["linear"])["about"].tobytes()
    for other in (text + b" ", text.replace(b'"version":1', b'"version": 1'), b"[" * 100_000, b"\xff"):
        refused(changed(stored["linear"], about=np.frombuffer(other, np.uint8)))


def test_background_rows_that_do_not_fit_are_refused(stored: dict[str, bytes]) -> None:
    arrays = arrays_of(stored["sampled"])
    codes = arrays["categorical"].copy()
    codes[0, 0] = 99
    for change in (
        {"categorical": codes},
        {"categorical": -codes - 1},
        {"seed": np.array([-1])},
        {"seed": np.array([1, 2, 3])},
        {"seed": np.array([1, 0])},
        {"seed": np.array([1, 17])},
        {"numeric": arrays["numeric"][:0], "missing": arrays["missing"][:0], "categorical": codes[:0]},
        {"numeric": arrays["numeric"][:, :2]},
        {name: np.repeat(arrays[name], 20, axis=0) for name in ("numeric", "missing", "categorical")},
    ):
        refused(changed(stored["sampled"], **change))


def test_an_explainer_of_another_kind_model_or_signature_is_refused(stored: dict[str, bytes]) -> None:
    refused(pack("guard", {"a": np.zeros(1)}))
    refused(pack("explainer-linear", arrays_of(stored["trees"])))
    with pytest.raises(VerificationError, match="another model"):
        Explainer.from_bytes(stored["linear"], SIGNATURE, Digest("0" * 64))
    numbers = (Feature(name="a", kind=FeatureKind.NUMERIC),)
    for data in stored.values():
        refused(data, Signature(task=Task.BINARY, features=numbers, classes=("0", "1")))
        refused(data, signature_of(Task.REGRESSION))


def test_a_file_too_large_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, stored: dict[str, bytes]
) -> None:
    monkeypatch.setattr(room, "MAX_BYTES", 100)
    with pytest.raises(VerificationError, match="more than 100 bytes"):
        Explainer.from_bytes(stored["linear"], SIGNATURE)
