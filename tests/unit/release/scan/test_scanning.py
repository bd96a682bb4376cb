"""Scanning whole files: real models are safe, the report is about the very bytes, and errors are told."""

import gzip
import io
import pickle
import tarfile
from pathlib import Path

import joblib
import numpy as np
import pytest
import scipy.sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.release.scan import Limits, Verdict, scan_and_digest, scan_bytes, scan_file
from secmlops.release.scan.scanning import worst

RNG = np.random.default_rng(0)
FEATURES, TARGET = RNG.standard_normal((60, 3)), RNG.integers(0, 2, 60)
NUMBERS = ("number", make_pipeline(FunctionTransformer(np.tanh), StandardScaler()), [0, 1])
MODELS = [
    LogisticRegression(),
    SGDClassifier(random_state=0),
    RandomForestClassifier(3, random_state=0),
    GradientBoostingClassifier(n_estimators=2, random_state=0),
    HistGradientBoostingClassifier(max_iter=2, random_state=0),
    KNeighborsClassifier(algorithm="kd_tree"),
    CalibratedClassifierCV(LogisticRegression(), cv=2),
    GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    make_pipeline(
        ColumnTransformer([NUMBERS, ("kind", OneHotEncoder(handle_unknown="ignore"), [2])]), LogisticRegression()
    ),
]


@pytest.fixture(scope="module")
def fitted() -> list[object]:
    return [model.fit(FEATURES, TARGET) for model in MODELS]


def test_estimators_in_every_protocol_are_safe(fitted: list[object]) -> None:
    for model in fitted:
        for protocol in (0, 1, 2, 3, 4, 5):
            report = scan_bytes("model.pkl", pickle.dumps(model, protocol))
            assert (report.verdict, report.findings) == (Verdict.SAFE, ()), (model, protocol)


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_estimators_saved_by_joblib_are_safe(fitted: list[object], compress: object) -> None:
    for model in fitted:
        buffer = io.BytesIO()
        joblib.dump(model, buffer, compress=compress)
        report = scan_bytes("model.joblib", buffer.getvalue())
        assert (report.verdict, report.findings) == (Verdict.SAFE, ()), model


PLAIN = [
    np.arange(5), np.array([1, "a"], object), np.float32(1), np.dtype("U5"), np.random.default_rng(1),
    np.random.RandomState(1), np.ma.array([1, 2], mask=[0, 1]), np.array(["abc"]), np.array([], float),
    np.zeros(2, [("a", "i4"), ("b", "U3")]),
    *(getattr(scipy.sparse, f"{kind}_matrix")(np.eye(3)) for kind in ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")),
    {"a": [1, 2.5, None, True, "text", b"bytes", (1, 2, 3, 4)], "b": {1, 2}, "c": frozenset("ab"), "d": 1 << 200},
]  # fmt: skip


def test_arrays_matrices_and_containers_are_safe() -> None:
    for value in PLAIN:
        buffer = io.BytesIO()
        joblib.dump(value, buffer)
        for name, data in {"v.pkl": pickle.dumps(value), "v.joblib": buffer.getvalue()}.items():
            report = scan_bytes(name, data)
            assert (report.verdict, report.findings) == (Verdict.SAFE, ()), (value, name)


def test_joblib_file_of_objects_under_another_name_has_two_readings(fitted: list[object]) -> None:
    buffer = io.BytesIO()
    joblib.dump(fitted[3], buffer)
    report = scan_bytes("model.pkl", buffer.getvalue())
    assert {finding.rule for finding in report.findings} <= {"pickle-two-readings"}


def test_a_release_in_a_compressed_tar_is_safe(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in {"m/model.pkl": pickle.dumps(np.eye(2)), "m/card.md": b"# Card\n", "m/a.json": b"{}"}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        folder = tarfile.TarInfo("m")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    (tmp_path / "release.tgz").write_bytes(buffer.getvalue())
    report = scan_file(tmp_path / "release.tgz")
    assert (report.verdict, report.format, report.findings) == (Verdict.SAFE, "gzip", ())


def test_the_digest_is_of_the_very_bytes(tmp_path: Path) -> None:
    data = pickle.dumps([1])
    (tmp_path / "m.pkl").write_bytes(data)
    report, digest = scan_and_digest(tmp_path / "m.pkl")
    assert (digest, report.size, report.name) == (Digest.of(data), len(data), "m.pkl")
    assert scan_file(tmp_path / "m.pkl") == scan_bytes("m.pkl", memoryview(data)) == report


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        scan_file(tmp_path / "missing.pkl")
    (tmp_path / "m.pkl").write_bytes(b"N.")
    with pytest.raises(InputError, match="limit"):
        scan_file(tmp_path / "m.pkl", Limits(file_bytes=1))


def test_empty_and_unknown_files_are_not_safe_models() -> None:
    assert scan_bytes("model.pkl", b"").verdict is Verdict.CANNOT_TELL
    assert scan_bytes("model", bytes(range(1, 200))).verdict is Verdict.CANNOT_TELL
    assert scan_bytes("README.md", b"core\nmodel\n\nTwo words that begin like a name.\n").verdict is Verdict.SAFE


def test_places_point_at_the_opcode_inside_the_part() -> None:
    data = gzip.compress(b"\x80\x04\x8c\x02os\x8c\x06system\x93.")
    report = scan_bytes("m.pkl.gz", data)
    assert report.places[0].path == ("m.pkl.gz", "m.pkl")
    assert report.places[0].offset == 15
    assert report.findings[0].where == "m.pkl.gz!/m.pkl at byte 15"


def test_untrusted_names_are_made_printable_and_short() -> None:
    name = "\x1b[31m" + "x" * 5000
    report = scan_bytes("m.pkl", f"c{name}\nsystem\n.".encode())
    assert "\x1b" not in report.findings[0].message
    assert len(report.findings[0].message) < 400


def test_findings_are_bounded_but_the_verdict_counts_all() -> None:
    many = b"".join(f"cm{index}\nf\n0".encode() for index in range(50))
    report = scan_bytes("m.pkl", many + b"N.", Limits(findings=3))
    assert (len(report.findings), report.verdict) == (3, Verdict.DANGEROUS)


def test_worst() -> None:
    safe, bad = scan_bytes("a.pkl", b"N."), scan_bytes("b.pkl", b"cos\nsystem\n.")
    assert worst((safe, bad)) is Verdict.DANGEROUS
    assert worst((safe,)) is Verdict.SAFE
    assert worst(()) is Verdict.CANNOT_TELL


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("customers.csv", "customer;city;amount\nMüller;Köln;3,5\n".encode("latin-1")),
        ("ids.csv", "id;name\n1;Jörg\n".encode("latin-1")),
        ("names.csv", "name;city\nMüller;Köln\n".encode("cp1252")),
        ("c.txt", b"copyright (c) nobody\nall rights\n"),
    ],
)
def test_text_of_any_one_byte_encoding_is_text(name: str, data: bytes) -> None:
    report = scan_bytes(name, data)
    assert (report.format, report.verdict) == ("text", Verdict.SAFE)


@pytest.mark.parametrize("first", ["class Vault:\n    pass\n", "import os\nimport sys\n", "class A(B): ...\nx = 1\n"])
def test_program_text_is_no_pickle(first: str) -> None:
    report = scan_bytes("vault.py", first.encode())
    assert (report.format, report.verdict) == ("text", Verdict.CANNOT_TELL)
    assert [f.message for f in report.findings] == ["'vault.py' holds program code"]


def test_bytes_with_control_characters_are_no_text_whatever_the_name() -> None:
    assert scan_bytes("a.csv", b"a;b\n\x00\x01\xfc;2\n").format == "unknown"
