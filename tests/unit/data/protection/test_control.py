import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.columns import discover
from secmlops.data.protection.column_key import column_key
from secmlops.data.protection.control import Protect
from secmlops.data.protection.each_value import OnTexts
from secmlops.data.protection.encrypt import KEY_BYTES, restore
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.protection.reversible import revealed
from secmlops.data.reading import read_table
from secmlops.usecases.credit_risk import applications

KEY = bytes(range(32))
ACTIONS = {
    "full_name": "drop",
    "tax_number": "pseudonymise",
    "email": "drop",
    "phone": "drop",
    "iban": "encrypt",
    "date_of_birth": "generalise",
    "street_address": "drop",
    "postcode": "generalise",
    "officer_notes": "drop",
}
TABLE = applications(400, 1)


def order(name: str = "loans", key: bytes = KEY, unaccepted: tuple[str, ...] = (), **changes: str) -> ProtectionOrder:
    protect = {n: a for n, a in {**ACTIONS, **changes}.items() if a != "nothing"}
    dataset = DataSet(name, TABLE, Digest.of(b""), Task.BINARY, "default", "1", sensitive=("sex",), protect=protect)
    return ProtectionOrder(dataset, key, unaccepted)


def protected(request: ProtectionOrder, control: Protect | None = None) -> pa.Table:
    examination = (control or Protect()).examine(request)
    return read_table(examination.products["protected"], "protected.parquet").table


def test_every_column_is_treated_as_ordered() -> None:
    examination = Protect().examine(order())
    assert examination.outcome is Outcome.PASSED
    table = read_table(examination.products["protected"], "protected.parquet").table
    assert not {n for n, action in ACTIONS.items() if action == "drop"} & set(table.column_names)
    assert set(table["tax_number"].to_pylist()).isdisjoint(TABLE["tax_number"].to_pylist())
    assert table["date_of_birth"].type == pa.int64()
    assert table["loan_amount"].to_pylist() == TABLE["loan_amount"].to_pylist()
    assert examination.measures["dropped_columns"] == 5
    assert examination.measures["protected_cells"] == 9 * 400
    assert examination.measures["personal_columns_left"] == 0


def test_the_same_order_gives_the_same_bytes() -> None:
    first, again = (Protect().examine(order()).products["protected"] for _ in range(2))
    assert first == again


def test_whoever_has_the_key_can_restore_what_was_encrypted() -> None:
    key = column_key(KEY, "encrypt", ("table", "loans", "iban"), KEY_BYTES)
    assert restore(protected(order())["iban"], key).to_pylist() == TABLE["iban"].to_pylist()


def test_pseudonyms_of_two_tables_cannot_be_joined_unless_asked() -> None:
    def pseudonyms(name: str, control: Protect) -> list[object]:
        return protected(order(name), control)["tax_number"].to_pylist()

    assert set(pseudonyms("a", Protect())).isdisjoint(pseudonyms("b", Protect()))
    joined = Protect(joined="tax_number = person")
    assert pseudonyms("a", joined) == pseudonyms("b", joined)


def test_personal_data_without_an_action_stops_everything() -> None:
    examination = Protect().examine(order(email="nothing"))
    assert examination.outcome is Outcome.FAILED
    assert not examination.products
    assert [f.where for f in examination.findings if f.severity == "error"] == ["column 'email'"]


def test_what_was_known_to_be_personal_stops_everything_even_if_it_is_not_found_again() -> None:
    examination = Protect().examine(order(unaccepted=("loan_amount", "email")))
    assert examination.outcome is Outcome.FAILED
    assert [f.where for f in examination.findings] == ["column 'loan_amount'"]
    assert not examination.products


def test_what_is_accepted_by_name_goes_on() -> None:
    table = protected(order(email="keep"))
    assert table["email"].to_pylist() == TABLE["email"].to_pylist()


@pytest.mark.parametrize("changes", [{"default": "encrypt"}, {"loan_amount": "shred"}])
def test_orders_that_contradict_themselves_fail(changes: dict[str, str]) -> None:
    examination = Protect().examine(order(**changes))
    assert examination.outcome is Outcome.FAILED
    assert not examination.products


def test_a_dropped_sensitive_column_is_told() -> None:
    rules = {f.rule for f in Protect().examine(order(sex="drop")).findings}
    assert "protect.sensitive-dropped" in rules


def test_equality_leaks_are_told() -> None:
    assert "protect.equality" in {f.rule for f in Protect().examine(order()).findings}


@pytest.mark.parametrize("control", [Protect(dates="day"), Protect(bands=1), Protect(rare=1), Protect(joined="x")])
def test_settings_that_make_no_sense_are_refused(control: Protect) -> None:
    with pytest.raises(InputError):
        control.examine(order())


def test_a_short_key_is_refused() -> None:
    with pytest.raises(InputError, match="key of 16 bytes"):
        Protect().examine(order(key=bytes(16)))


def test_the_key_is_nowhere_to_be_seen() -> None:
    request = order()
    examination = Protect().examine(request)
    assert repr(KEY)[2:20] not in repr(request)
    assert KEY not in examination.products["protected"]


@pytest.mark.parametrize(("protect", "outcome"), [({}, Outcome.FAILED), ({"who": "keep"}, Outcome.PASSED)])
def test_a_label_of_personal_data_goes_on_only_when_it_is_accepted(protect: dict[str, str], outcome: Outcome) -> None:
    table = pa.table({"size": [1.5, 2.5] * 20, "who": ["anna@example.org", "paul@example.org"] * 20})
    data = DataSet("d", table, Digest.of(b""), Task.BINARY, "who", protect=protect)
    examination = Protect().examine(ProtectionOrder(data, KEY))
    assert examination.outcome is outcome
    assert [f.rule for f in examination.findings] == ["personal.label"] * (outcome is Outcome.FAILED)
    assert bool(examination.products) is (outcome is Outcome.PASSED)


def visits(protect: dict[str, str], **more: object) -> ProtectionOrder:
    rows = 60
    table = pa.table(
        {
            "patient": pa.array([f"p{i % 20}" for i in range(rows)], pa.string()),
            "born": pa.array([dt.date(1980, 1, 1 + i % 20) for i in range(rows)]),
            "seen": pa.array([dt.date(2024, 1, 1) + dt.timedelta(3 * i) for i in range(rows)]),
            "note": pa.array([f"ring 020 7946 09{i:02} before noon" for i in range(rows)], pa.string()),
            "card": pa.array(["4111 1111 1111 1111"] * rows, pa.string()),
            "ill": pa.array([i % 2 for i in range(rows)]),
        }
    )
    dataset = DataSet("v", table, Digest.of(b""), Task.BINARY, "ill", "1", subject_id="patient", protect=protect)
    return ProtectionOrder(dataset, KEY, **more)  # type: ignore[arg-type]


ALL = {
    "patient": "pseudonymise_reversibly",
    "born": "shift_dates",
    "seen": "shift_dates",
    "note": "redact",
    "card": "mask",
}


def test_texts_are_redacted_cards_masked_and_dates_shifted_alike_in_all_columns() -> None:
    request = visits(ALL, reversal=lambda _: bytes(64))
    examination = Protect().examine(request)
    assert examination.outcome is Outcome.PASSED, examination.findings
    table = read_table(examination.products["protected"], "protected.parquet").table
    assert set(table["note"].to_pylist()) == {"ring [phone number] before noon"}
    assert set(table["card"].to_pylist()) == {"**** **** **** 1111"}
    before, raw = table.slice(0, 20).to_pylist(), request.dataset.table.to_pylist()
    moved = [(b["born"] - r["born"], b["seen"] - r["seen"]) for b, r in zip(before, raw[:20], strict=True)]
    assert all(born == seen for born, seen in moved)
    assert len(set(moved)) > 5
    assert revealed(table["patient"].to_pylist()[:2], bytes(64)) == ("p0", "p1")
    counted = {name: examination.measures[f"{name}_columns"] for name in ("redacted", "masked", "reversible")}
    assert counted == {"redacted": 1, "masked": 1, "reversible": 1}
    assert examination.measures["shifted_columns"] == 2
    assert {f.rule for f in examination.findings} == {"protect.redacted", "protect.shifted"}


@pytest.mark.parametrize(
    ("column", "action", "told"),
    [
        ("ill", "redact", "the label cannot be protected"),
        ("seen", "redact", "redact replaces what stands in texts, and this column is of type date"),
        ("card", "shift_dates", "shift_dates moves dates, and this column is of type text"),
    ],
)
def test_an_action_that_does_not_fit_its_column_is_refused(column: str, action: str, told: str) -> None:
    examination = Protect().examine(visits({**ALL, column: action}))
    assert examination.outcome is Outcome.FAILED
    assert told in examination.findings[0].message
    assert not examination.products


def test_dates_cannot_be_shifted_where_no_column_names_the_persons() -> None:
    request = visits({"seen": "shift_dates"})
    examination = Protect().examine(replace(request, dataset=replace(request.dataset, subject_id=None)))
    assert "whose date it is" in examination.findings[0].message


def test_without_a_place_for_reversal_keys_nothing_is_made_reversible() -> None:
    with pytest.raises(InputError, match="no place for keys"):
        Protect().examine(visits(ALL))


@pytest.mark.parametrize("control", [Protect(shown=-1), Protect(shift_days=0), Protect(entities="none-such")])
def test_settings_of_the_new_actions_that_cannot_be_used_are_refused(control: Protect) -> None:
    with pytest.raises(InputError):
        control.examine(visits(ALL, reversal=lambda _: bytes(64)))


def test_the_same_person_has_the_same_pseudonym_in_two_tables_of_one_domain_whatever_the_column_is_called() -> None:
    joined = Protect(joined="patient=person, client=person")
    one = visits({**ALL, "patient": "pseudonymise"}).dataset
    renamed = one.table.rename_columns(["client", *one.table.column_names[1:]])
    protect = {**{c: a for c, a in ALL.items() if c != "patient"}, "client": "pseudonymise"}
    other = replace(one, name="w", table=renamed, subject_id="client", protect=protect)
    first, second = protected(ProtectionOrder(one, KEY), joined), protected(ProtectionOrder(other, KEY), joined)
    assert first["patient"].to_pylist() == second["client"].to_pylist()
    assert first["seen"].to_pylist() == second["seen"].to_pylist()  # and their dates move alike


def test_a_ciphertext_that_looks_like_a_secret_by_chance_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unlucky(_: bytes) -> OnTexts:
        return lambda texts: [b"ghp_%036d" % i for i in range(len(texts))]

    monkeypatch.setattr("secmlops.data.protection.carry_out.encryption", unlucky)
    examination = Protect().examine(order())
    assert examination.outcome is Outcome.PASSED
    assert discover(read_table(examination.products["protected"], "p.parquet").table.select(["iban"]), 0)
