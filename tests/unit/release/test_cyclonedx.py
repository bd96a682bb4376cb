import json

import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import VerificationError
from secmlops.release.bill import bill_of_materials
from secmlops.release.cyclonedx import check_bill


@pytest.fixture
def bill(candidate) -> dict:
    return json.loads(bill_of_materials(candidate))


def check(bill: dict, candidate) -> None:
    check_bill(json.dumps(bill).encode(), candidate.model)


def test_what_we_make_is_accepted(bill, candidate) -> None:
    check(bill, candidate)


def test_a_bill_about_another_model_is_refused(bill, candidate) -> None:
    with pytest.raises(VerificationError, match="another model"):
        check_bill(json.dumps(bill).encode(), Digest.of(b"another"))


def test_a_second_model_beside_the_first_is_refused(bill, candidate) -> None:
    smuggled = {**bill["metadata"]["component"], "bom-ref": "model:other"}
    bill["components"].append({**smuggled, "hashes": [{"alg": "SHA-256", "content": "0" * 64}]})
    with pytest.raises(VerificationError, match="another model"):
        check(bill, candidate)


@pytest.mark.parametrize(("key", "value"), [("bomFormat", "SPDX"), ("specVersion", "1.5")])
def test_another_format_is_refused(bill, candidate, key: str, value: str) -> None:
    bill[key] = value
    with pytest.raises(VerificationError, match=r"not CycloneDX 1\.6"):
        check(bill, candidate)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[" * 100_000, b"\xff", b'{"bomFormat":"\xff"}'])
def test_other_bytes_are_refused(data: bytes, candidate) -> None:
    with pytest.raises(VerificationError, match="not a CycloneDX"):
        check_bill(data, candidate.model)


def test_references_must_be_unique_and_lead_somewhere(bill, candidate) -> None:
    bill["dependencies"][0]["dependsOn"].append("pkg:pypi/ghost@1")
    with pytest.raises(VerificationError, match="references"):
        check(bill, candidate)
    bill["dependencies"] = []
    bill["components"].append(bill["components"][0])
    with pytest.raises(VerificationError, match="references"):
        check(bill, candidate)
