import re

import pytest

from secmlops.core.errors import InputError
from secmlops.design.catalogue import Kind, catalogue

FORMS = {
    "stride": r"[a-z]+(-[a-z]+)*",
    "atlas": r"AML\.T\d{4}(\.\d{3})?",
    "atlas-mitigation": r"AML\.M\d{4}",
    "owasp-ml": r"ML(0[1-9]|10)",
    "nist-ai-100-2": r"NISTAML\.0\d\d",
}


def of(prefix: str) -> list[str]:
    return [e for e in catalogue().entries if e.startswith(f"{prefix}:")]


def test_every_framework_is_whole() -> None:
    assert len(of("stride")) == 6
    assert len(of("owasp-ml")) == 10
    assert len(of("atlas-mitigation")) == 37
    assert len(of("nist-ai-100-2")) == 15
    assert len(of("atlas")) >= 50


@pytest.mark.parametrize("entry", catalogue().entries.values(), ids=lambda e: e.id)
def test_an_entry_is_well_formed(entry) -> None:
    prefix, _, own = entry.id.partition(":")
    assert re.fullmatch(FORMS[prefix], own)
    assert entry.title
    assert entry.stages
    assert entry.reference == f"{entry.framework}: {own}"
    assert entry.framework
    assert entry.description.endswith(".")
    assert len(set(entry.stages)) == len(entry.stages)
    if entry.kind is Kind.THREAT:
        assert entry.assets
        assert entry.actors
    else:
        assert prefix == "atlas-mitigation"


def test_same_as_is_an_equivalence_between_frameworks() -> None:
    entries = catalogue().entries
    for entry in entries.values():
        for other in entry.same_as:
            assert other in entries
            assert other.partition(":")[0] != entry.id.partition(":")[0]
            assert {entry.id, *entry.same_as} == {other, *entries[other].same_as}
            assert entries[other].when == entry.when


def test_every_parent_of_a_sub_technique_is_listed_or_alone() -> None:
    for entry_id in of("atlas"):
        parent = entry_id.rpartition(".")[0]
        if parent in catalogue().entries:
            assert entry_id in {e.id for e in catalogue().parts(parent)}
    assert len(catalogue().parts("atlas:AML.T0043")) == 5
    assert catalogue().parts("atlas:AML.T0043.000") == ()


def test_unknown_ids_are_told() -> None:
    assert catalogue().unknown(["atlas:AML.T0020", "atlas:AML.T9999", "stride:envy"]) == (
        "atlas:AML.T9999",
        "stride:envy",
    )
    with pytest.raises(InputError, match="not in the catalogue"):
        catalogue()["atlas:AML.T9999"]
    assert catalogue()["owasp-ml:ML02"].title == "Data Poisoning Attack"


def test_it_is_read_once() -> None:
    assert catalogue() is catalogue()
