from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from secmlops.data.discovery.columns import SAMPLE_ROWS, discover
from secmlops.data.reading import read_table
from secmlops.data.recognise.kind import Kind
from secmlops.usecases.credit_risk import applications
from secmlops.usecases.persons import drawn

ROWS = 300
RNG = np.random.default_rng(5)


def kinds(name: str, values: Sequence[object] | pa.Array) -> tuple[Kind, ...]:
    found = discover(pa.table({name: values}), seed=1)
    return found[0].kinds if found else ()


def test_the_credit_applications_are_seen_through() -> None:
    table = applications(2_000, 3)
    found = {c.column: c for c in discover(table, seed=1)}
    assert {name: c.suggestion for name, c in found.items()} == {
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
    assert {Kind.EMAIL, Kind.PHONE, Kind.PERSON_NAME} == set(found["officer_notes"].kinds)
    assert 0.02 < found["officer_notes"].share < 0.2


def test_the_values_tell_where_the_headers_do_not() -> None:
    table = applications(2_000, 3)
    bare = table.rename_columns([f"c{i}" for i in range(table.num_columns)])
    by_value = {c.column for c in discover(bare, seed=1)}
    spoken = {"full_name", "tax_number", "email", "phone", "iban", "street_address", "officer_notes"}
    assert by_value == {f"c{table.column_names.index(name)}" for name in spoken}


@pytest.mark.parametrize("name", ["german-credit.csv", "ai4i2020.csv"])
def test_real_tables_without_personal_data_raise_no_alarm(name: str, shared_data: Callable[[str], Path]) -> None:
    path = shared_data(name)
    assert discover(read_table(path.read_bytes(), name).table, seed=1) == ()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("order_number", np.arange(100_000_000, 100_000_000 + ROWS)),
        ("order_number", RNG.integers(10**15, 10**16, ROWS)),
        ("account_total", RNG.integers(10**10, 10**11, ROWS)),
        ("measurement", RNG.normal(size=ROWS)),
        ("timestamp", [1_700_000_000_000 + 997 * i for i in range(ROWS)]),
        ("created", [date(2000, 1, 1) + timedelta(days=i) for i in range(ROWS)]),
        ("version", [f"{i % 9}.{i % 7}.{i % 5}.{i % 30}" for i in range(ROWS)]),
        ("product_name", [f"Blue Widget {i}" for i in range(ROWS)]),
        ("product_name", ["Anna", "Oslo", "Billy", "Lamp"] * 75),
        ("telephone", ["yes", "none"] * 150),
        ("month", ["April", "May", "June"] * 100),
        ("ip_rating", ["IP67", "IP65"] * 150),
        ("public", ["yes", "no"] * 150),
        ("birth_weight", RNG.normal(3400, 400, ROWS)),
        ("purpose", ["new car", "used car", "radio/television"] * 100),
        ("zip_file_size", RNG.integers(1000, 99999, ROWS)),
        ("uuid", [f"{i:08x}-1234-4abc-8def-{i * 7919:012x}" for i in range(ROWS)]),
        ("version", [f"10.0.{i % 200}.{i % 77}" for i in range(ROWS)]),
        ("firmwareVersion", [f"192.168.{i % 200}.{i % 77}" for i in range(ROWS)]),
        ("zip_ratio", [10_000 + i for i in range(ROWS)]),
        ("phone_price", [100_000 + 3 * i for i in range(ROWS)]),
        ("ssn_count", [100_000_000 + i for i in range(ROWS)]),
        ("passport_expiry", [f"2030-01-{1 + i % 28:02d}" for i in range(ROWS)]),
        ("plate_thickness", [f"{1000 + i} mm" for i in range(ROWS)]),
        ("padded", [f"{i * 7919:012d}" for i in range(ROWS)]),
        ("latitude", RNG.uniform(40, 50, ROWS)),
        ("city", ["Oslo", "Rome", "Lima"] * 100),
        ("remark", [f"lot 0300 1234567 and 0{150 + i % 20}1234567 weighed {i} kg" for i in range(ROWS)]),
        ("code", [f"{i:02d}:{i % 60:02d}:{i % 7:02d}" for i in range(ROWS)]),
        ("flag", [True, False] * 150),
        ("nothing", pa.nulls(ROWS, pa.string())),
        ("remark", [f"the machine {i} ran for 12 hours at 1.2.3.4 bar and stopped" for i in range(ROWS)]),
    ],
)
def test_other_numbers_and_texts_raise_no_alarm(name: str, values: Sequence[object]) -> None:
    assert kinds(name, values) == ()


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("mobile", [4_915_112_345_000 + i for i in range(ROWS)], Kind.PHONE),
        ("surname", ["Zzyzx", "Qwertz", "Abcde"] * 100, Kind.PERSON_NAME),
        ("customer", ["Anna Schmidt", "Peter Novak", "Xu Li"] * 100, Kind.PERSON_NAME),
        ("client_ip", [f"192.0.2.{i % 250}" for i in range(ROWS)], Kind.IP_ADDRESS),
        ("zip", [10_000 + i for i in range(ROWS)], Kind.ADDRESS),
        ("dob", [date(1970, 1, 1) + timedelta(days=i) for i in range(ROWS)], Kind.BIRTH_DATE),
        ("x", [f"{i:03d}-55-1{i:03d}" for i in range(100, 100 + ROWS)], Kind.NATIONAL_ID),
        ("x", ["4111 1111 1111 1111", "5555 5555 5555 4444"] * 150, Kind.CARD),
        ("mixed", ["anna@example.org"] + ["-"] * (ROWS - 1), Kind.EMAIL),
        ("ssn", [536_904_399 + i for i in range(ROWS)], Kind.NATIONAL_ID),
        ("SSN ", [f"{536_904_399 + i}" for i in range(ROWS)], Kind.NATIONAL_ID),
        ("ssn", pa.array([536_904_399.0 + i for i in range(ROWS)]), Kind.NATIONAL_ID),
        ("passport", [f"C{10_000_000 + i}" for i in range(ROWS)], Kind.PASSPORT),
        ("Reisepassnummer", [f"C01X{10_000 + i}" for i in range(ROWS)], Kind.PASSPORT),
        ("steuernummer", [f"181/815/{10_000 + i}" for i in range(ROWS)], Kind.NATIONAL_ID),
        ("Krankenversicherungsnummer", [f"A{100_000_000 + i}" for i in range(ROWS)], Kind.HEALTH_NUMBER),
        ("Telefonnummer", [f"0171 {1_000_000 + i}" for i in range(ROWS)], Kind.PHONE),
        ("handynummer", [f"0171 {1_000_000 + i}" for i in range(ROWS)], Kind.PHONE),
        ("x", [f"0152/{1_000_000 + i}" for i in range(ROWS)], Kind.PHONE),
        ("x", [f"07869{100_000 + i}" for i in range(ROWS)], Kind.PHONE),
        ("remark", [f"call 0171 {1_000_000 + i} after five please" for i in range(ROWS)], Kind.PHONE),
        ("geb", [f"{1 + i % 28:02d}.05.1970" for i in range(ROWS)], Kind.BIRTH_DATE),
        ("geb_dat", [f"{1 + i % 28:02d}.05.1970" for i in range(ROWS)], Kind.BIRTH_DATE),
        ("gebjahr", [1940 + i % 50 for i in range(ROWS)], Kind.BIRTH_DATE),
        ("strasse", [f"Unter den Linden {i}" for i in range(ROWS)], Kind.ADDRESS),
        ("plz", [10_000 + i for i in range(ROWS)], Kind.ADDRESS),
        ("ort", ["Oslo", "Rom", "Bad Ems"] * 100, Kind.ADDRESS),
        ("vorname", ["Özlem", "Łukasz", "Thi"] * 100, Kind.PERSON_NAME),
        ("name", ["Иван Петров", "Ольга Иванова", "Сергей Смирнов"] * 100, Kind.PERSON_NAME),
        ("name", ["田中太郎", "佐藤花子", "鈴木一郎"] * 100, Kind.PERSON_NAME),
        ("name", ["محمد علي", "فاطمة حسن", "عمر خالد"] * 100, Kind.PERSON_NAME),
        ("full_name", ["가나다", "Δάφνη Λ", "Ђорђе"] * 100, Kind.PERSON_NAME),
        ("x", [f"jürgen{i}@example.org" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"x{i}@müller.de" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"x{i}\u200b@example.org" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"x{i}\uff20example.org" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"x{i} (at) example.org" for i in range(ROWS)], Kind.EMAIL),
        ("EMAIL", [f"x{i}@localhost" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"https://example.org/u?mail=x{i}%40example.org" for i in range(ROWS)], Kind.EMAIL),
        ("x", [f"AA:BB:CC:{i % 256:02X}:01:{i % 7:02X}" for i in range(ROWS)], Kind.DEVICE),
        ("Kennzeichen", [f"B-CY {1_000 + i}" for i in range(ROWS)], Kind.PLATE),
        ("x", [f"47.{380_000 + i},8.{530_000 + i}" for i in range(ROWS)], Kind.LOCATION),
        ("phone", pa.array([4_930_231_250_00.0 + i for i in range(ROWS)]), Kind.PHONE),
    ],
)
def test_personal_data_is_found(name: str, values: Sequence[object], kind: Kind) -> None:
    assert kinds(name, values) == (kind,)


def test_one_mention_in_a_long_column_is_found() -> None:
    remarks = [f"case {i} went through without a question from anyone" for i in range(5_000)]
    remarks[4_321] = "case 4321 was passed on to anna.schmidt@example.org for a decision"
    (found,) = discover(pa.table({"remark": remarks}), seed=1)
    assert found.kinds[0] is Kind.EMAIL
    assert found.share == pytest.approx(1 / 5_000)


def test_a_long_table_is_sampled_with_the_seed() -> None:
    rows = SAMPLE_ROWS + 10_000
    names = drawn(["Anna Schmidt", "plain words", "other words", "more words"], rows, np.random.default_rng(1))
    table = pa.table({"x": names})
    assert discover(table, seed=1) == discover(table, seed=1)


def test_latitude_and_longitude_are_found_together() -> None:
    places = pa.table({"lat": RNG.uniform(40, 50, ROWS), "size": RNG.normal(size=ROWS), "lng": [8.123456, None] * 150})
    assert [(c.column, c.kinds, c.share, c.suggestion) for c in discover(places, seed=1)] == [
        ("lat", (Kind.LOCATION,), 1.0, "generalise"),
        ("lng", (Kind.LOCATION,), 0.5, "generalise"),
    ]


def test_no_column_of_random_numbers_is_taken_for_personal() -> None:
    rng = np.random.default_rng(7)
    drawn_columns = {f"m{d}_{k}": rng.integers(10 ** (d - 1), 10**d, 200) for d in range(5, 17) for k in range(20)}
    assert discover(pa.table(drawn_columns), seed=1) == ()


def test_all_rows_are_searched_on_demand() -> None:
    rows = SAMPLE_ROWS + 30_000
    remarks = ["a case that went through without a question"] * rows
    remarks[77] = "a case that anna@example.org put to us again"
    (found,) = discover(pa.table({"remark": remarks}), seed=1, full=True)
    assert found.kinds == (Kind.EMAIL,)
    assert found.share == pytest.approx(1 / rows)
    assert found.why == "an address with a domain"
