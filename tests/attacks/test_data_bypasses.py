"""Ways to get personal data, an answer or a whole machine past the data room: each is closed."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.finding import Severity
from secmlops.core.task import Task
from secmlops.data.dataset import DataSet
from secmlops.data.discovery.control import Personal
from secmlops.data.leakage.control import Leakage
from secmlops.data.prepare import prepare
from secmlops.data.protection.control import Protect
from secmlops.data.protection.order import ProtectionOrder
from secmlops.data.reading import read_table
from secmlops.data.sources import parquet_parts
from secmlops.data.sources.parquet_parts import ParquetParts
from secmlops.data.sources.part import LocalPart
from secmlops.lifecycle.sources import read_source
from secmlops.usecases.persons import ibans, tax_numbers

ROWS = 200


def rng() -> np.random.Generator:
    return np.random.default_rng(8)


KEY = bytes(range(32))


def dataset(table: pa.Table, **protect: str) -> DataSet:
    labelled = table.append_column("label", pa.array([0, 1] * (ROWS // 2)))
    return DataSet("d", labelled, Digest.of(b""), Task.BINARY, "label", protect=protect)


@pytest.mark.parametrize("header", ["x", "colour", "order_number", "product_name", "version"])
def test_a_misleading_header_does_not_hide_personal_values(header: str) -> None:
    for values in (
        [f"anna{i}@example.org" for i in range(ROWS)],
        tax_numbers(ROWS, rng()),
        ibans(ROWS, rng()),
        ["+49 30 23125 100", "+49 30 23125 101"] * (ROWS // 2),
    ):
        assert Personal().examine(dataset(pa.table({header: values}))).outcome is Outcome.FAILED


def test_personal_data_hidden_between_empty_cells_is_found() -> None:
    values = [None] * (ROWS - 3) + ["anna@example.org", "paul@example.org", "emma@example.org"]
    assert Personal().examine(dataset(pa.table({"x": values}))).outcome is Outcome.FAILED


def test_one_address_among_thousands_of_codes_is_found() -> None:
    values = [f"code{i}" for i in range(ROWS - 1)] + ["anna@example.org"]
    assert Personal().examine(dataset(pa.table({"x": values}))).outcome is Outcome.FAILED


def test_identifiers_stored_as_numbers_are_found() -> None:
    numbers = [int(f"4{i:014d}") for i in range(ROWS)]
    cards = [n * 10 + next(d for d in range(10) if _luhn(n * 10 + d)) for n in numbers]
    assert Personal().examine(dataset(pa.table({"x": cards}))).outcome is Outcome.FAILED


def _luhn(number: int) -> bool:
    digits = [int(d) for d in str(number)][::-1]
    return sum(sum(divmod(d * (1 + place % 2), 10)) for place, d in enumerate(digits)) % 10 == 0


def test_a_coarser_column_that_still_tells_the_person_is_stopped() -> None:
    mails = ["anna@example.org"] * (ROWS // 2) + ["paul@example.org"] * (ROWS // 2)
    examination = Protect().examine(ProtectionOrder(dataset(pa.table({"x": mails}), x="generalise"), KEY))
    assert examination.outcome is Outcome.FAILED
    assert not examination.products


def test_an_unknown_action_does_not_count_as_protection() -> None:
    mails = [f"anna{i}@example.org" for i in range(ROWS)]
    examination = Protect().examine(ProtectionOrder(dataset(pa.table({"x": mails}), x="none"), KEY))
    assert examination.outcome is Outcome.FAILED
    assert not examination.products


def test_an_answer_hidden_in_missing_values_is_seen() -> None:
    label = np.array([0, 1] * (ROWS // 2))
    leak = pa.array(rng().normal(size=ROWS), mask=label == 1)
    findings = Leakage().examine(prepare(dataset(pa.table({"x": leak})), 0.3, 1)).findings
    assert "leakage.feature" in [f.rule for f in findings if f.severity is Severity.ERROR]


def test_a_table_in_which_every_row_was_copied_does_not_leak_over_the_split() -> None:
    once = pa.table({"x": rng().normal(size=50), "y": np.random.default_rng(9).normal(size=50), "label": [0, 1] * 25})
    table = pa.concat_tables([once] * 4).combine_chunks()
    prepared = prepare(DataSet("d", table, Digest.of(b""), Task.BINARY, "label"), 0.25, 3)
    assert not set(prepared.train_rows % 50) & set(prepared.holdout_rows % 50)
    assert Leakage().examine(prepared).measures["shared_rows"] == 0


def test_a_parquet_file_that_claims_to_be_huge_is_refused() -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({f"c{i}": [1, 2] for i in range(10_001)}), sink)
    with pytest.raises(InputError, match="10001 columns"):
        read_table(sink.getvalue().to_pybytes(), "t.parquet")


def test_a_small_parquet_file_that_repeats_a_long_text_is_refused_before_it_is_unpacked() -> None:
    rows = 200_000
    repeated = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * 100_000]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": repeated}), sink)
    assert sink.getvalue().size < 100_000
    with pytest.raises(InputError, match="unpacks to"):
        read_table(sink.getvalue().to_pybytes(), "t.parquet")


def test_a_parquet_file_with_a_text_as_long_as_a_book_is_refused() -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": ["x" * 1_000_001, "y"]}), sink, compression="zstd")
    with pytest.raises(InputError, match="a cell of 1000001 bytes"):
        read_table(sink.getvalue().to_pybytes(), "t.parquet")


def test_a_text_file_named_parquet_and_the_reverse_are_told_apart_by_their_bytes() -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": [1, 2]}), sink)
    assert read_table(sink.getvalue().to_pybytes(), "t.csv").table["a"].to_pylist() == [1, 2]
    with pytest.raises(InputError, match="first bytes are not"):
        read_table(b"a\n1\n2\n", "t.parquet")


def test_no_value_of_a_table_shows_where_its_objects_are_printed() -> None:
    reading = read_table(b"name,label\nZaphod,0\nTrillian,1\n", "t.csv")
    data = DataSet("d", reading.table, Digest.of(b""), Task.BINARY, "label")
    assert "Zaphod" not in f"{reading!r} {data!r} {ProtectionOrder(data, KEY)!r}"


def test_a_small_file_that_repeats_a_long_text_is_no_flood_when_it_is_read_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 40_000
    repeated = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * 900_000]))
    bomb = tmp_path / "bomb.parquet"
    pq.write_table(pa.table({"a": repeated, "b": np.zeros(rows)}), bomb)
    assert bomb.stat().st_size < 2**20
    with pytest.raises(InputError, match="unpacks to more than 17179869184 bytes"):
        next(ParquetParts("t", [LocalPart.of(bomb, "bomb")]).batches())
    monkeypatch.setattr(parquet_parts, "MAX_UNPACKED_BYTES", 2**40)  # of one that is just small enough
    batches = ParquetParts("t", [LocalPart.of(bomb, "bomb")]).batches()
    assert all(next(batches).nbytes <= parquet_parts.BATCH_BYTES for _ in range(3))


def test_a_link_does_not_lead_out_of_the_folder_of_the_project(tmp_path: Path) -> None:
    project, secret = tmp_path / "project", tmp_path / "secret.csv"
    (project / "tables").mkdir(parents=True)
    secret.write_text("a,b\n1,2\n")
    (project / "tables" / "t.csv").write_text("a,b\n3,4\n")
    (project / "out.csv").symlink_to(secret)
    (project / "up").symlink_to(tmp_path)
    (project / "tables" / "all").symlink_to(tmp_path, target_is_directory=True)
    (project / "in.csv").symlink_to(project / "tables" / "t.csv")
    for name in (
        "out.csv",
        "up/secret.csv",
        f"up/../{tmp_path.name}/secret.csv",
        "tables/all",
        str(project / "up" / "secret.csv"),
    ):
        with pytest.raises(InputError, match="a link leads out of"):
            read_source(project, name)
    assert read_source(project, "in.csv") == b"a,b\n3,4\n"
    assert read_source(project, "../secret.csv") == b"a,b\n1,2\n"  # named as such, it is meant
