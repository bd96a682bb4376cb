"""Persons are found in a column by a keyed commitment, and in a protected one by how they read there."""

import pyarrow as pa
import pytest

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.discovery.control import KEEP
from secmlops.data.protection.actions import Action
from secmlops.data.protection.control import Protect
from secmlops.data.protection.pseudonymise import pseudonymise
from secmlops.data.protection.reversible import revealed
from secmlops.data_subject.person import Commitments, Disguises

COMMITMENTS = Commitments(b"k" * 32)


def column(*values: str | int | None) -> Chunks:
    return pa.chunked_array([pa.array(list(values))])


def test_rows_are_found_by_the_commitment_alone() -> None:
    person = COMMITMENTS.of(" C-1 ")
    assert COMMITMENTS.rows(column("C-1", "C-2", None, " C-1", "C-10"), person).tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert COMMITMENTS.rows(column(7, 70, 7), COMMITMENTS.of("7")).tolist() == [True, False, True]


def test_a_gap_is_nobody_even_for_a_person_called_none() -> None:
    assert not COMMITMENTS.rows(column(None, "x"), COMMITMENTS.of("None")).any()


def test_nobody_without_the_key_can_try_names() -> None:
    assert COMMITMENTS.of("C-1") != Commitments(b"j" * 32).of("C-1")
    assert "k" * 8 not in repr(COMMITMENTS)


def test_no_name_is_no_person() -> None:
    with pytest.raises(InputError, match="no person"):
        COMMITMENTS.of("  ")


def test_a_name_that_is_no_text_is_told_from_a_defect() -> None:
    with pytest.raises(InputError, match="not UTF-8"):
        COMMITMENTS.of("\udcff")


def test_a_disguise_is_what_protection_made_of_the_name() -> None:
    control = Protect(joined="customer=persons")
    forms = Disguises(b"p" * 32, control).of("C-1", "loans.csv", "customer")
    other = Disguises(b"p" * 32, control).of("C-1", "cards.csv", "customer")
    assert forms == other  # one domain
    assert forms[KEEP] == "C-1"
    assert len({forms[KEEP], forms[Action.PSEUDONYMISE], forms[Action.ENCRYPT]}) == 3
    apart = Disguises(b"p" * 32, Protect()).of("C-1", "loans.csv", "customer")
    assert apart[Action.PSEUDONYMISE] != forms[Action.PSEUDONYMISE]
    assert pseudonymise(column("C-1"), b"p" * 32)[0].as_py() != forms[Action.PSEUDONYMISE]  # the column's own key


def test_a_reversible_pseudonym_is_a_disguise_as_long_as_its_key_lives() -> None:
    key = bytes(range(64))
    forms = Disguises(b"p" * 32, Protect(), lambda _: key).of("C-1", "loans.csv", "customer")
    assert revealed([forms[Action.REVERSIBLE]], key) == ("C-1",)
    assert Action.REVERSIBLE not in Disguises(b"p" * 32, Protect(), lambda _: None).of("C-1", "loans.csv", "customer")
