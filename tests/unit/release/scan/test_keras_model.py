"""Keras archives: a plain model, and configurations that hold or import code."""

import io
import json
import zipfile

import pytest

from secmlops.release.scan import Limits, Verdict, scan_bytes
from secmlops.release.scan.inspection import Inspection
from secmlops.release.scan.keras_model import check_keras_config
from secmlops.release.scan.verdict import Place

DENSE = {
    "module": "keras.layers",
    "class_name": "Dense",
    "config": {"units": 2, "activation": "relu", "dtype": {"module": "keras", "class_name": "DTypePolicy"}},
    "registered_name": None,
}


def model(*layers: object) -> dict[str, object]:
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}, "registered_name": None}


def checked(config: object) -> tuple[Verdict, set[str]]:
    inspection = Inspection(Limits(), lambda *_: "unread")
    check_keras_config(Place(("m.keras", "config.json")), json.dumps(config).encode(), inspection)
    return inspection.verdict, {finding.rule for finding in inspection.findings}


def test_plain_layers_are_safe() -> None:
    activation = {"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"}
    assert checked(model(DENSE, {**DENSE, "config": {"activation": activation}})) == (Verdict.SAFE, set())


BAD = {
    "lambda layer": {"module": "keras.layers", "class_name": "Lambda", "config": {}},
    "lambda value": {"class_name": "__lambda__", "config": {"value": "4wEAAAA="}},
    "torch wrapper": {"module": "keras.layers", "class_name": "TorchModuleWrapper", "config": {}},
    "saved model": {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/tmp/x"}},
    "other module": {"module": "os", "class_name": "system", "config": {}},
    "keras but no layer": {"module": "keras.utils", "class_name": "get_file", "config": {}},
    "registered": {"module": None, "class_name": "Layer", "registered_name": "Evil>Layer", "config": {}},
    "imported function": {"module": "subprocess", "class_name": "function", "config": "run"},
    "keras function": {"module": "keras.utils", "class_name": "function", "config": "get_file"},
    "vocabulary": {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
}


@pytest.mark.parametrize("case", BAD)
def test_code_in_a_configuration(case: str) -> None:
    assert checked(model(DENSE, BAD[case]))[0] is Verdict.DANGEROUS
    nested = model({**DENSE, "config": {"layer": {"inner": [BAD[case]]}}})
    assert checked(nested)[0] is Verdict.DANGEROUS


def archive(config: object) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("metadata.json", '{"keras_version": "3.5.0"}')
        file.writestr("config.json", json.dumps(config))
    return buffer.getvalue()


def test_archive() -> None:
    report = scan_bytes("m.keras", archive(model(DENSE)))
    assert (report.verdict, report.format) == (Verdict.SAFE, "keras")
    assert scan_bytes("m.keras", archive(model(BAD["lambda layer"]))).verdict is Verdict.DANGEROUS
    assert scan_bytes("m.keras", archive(model(DENSE)), Limits(nodes=3)).verdict is Verdict.CANNOT_TELL
