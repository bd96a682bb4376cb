from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from secmlops.core.errors import InputError
from secmlops.core.finding import Severity
from secmlops.data.reading import read_table


def columns(data: bytes, name: str = "t.csv") -> dict[str, list[object]]:
    return read_table(data, name).table.to_pydict()


def test_types_are_recognised() -> None:
    table = read_table(
        b"whole,number,truth,text,day,moment,code\n"
        b"1,1.5,true,x,2020-01-31,2020-01-31 10:00,007\n"
        b"-2,1e3,False,y,2020-02-29,2020-02-29T11:30:15.5,100\n",
        "t.csv",
    ).table
    kinds = [pa.int64(), pa.float64(), pa.bool_(), pa.string(), pa.date32(), pa.timestamp("us"), pa.string()]
    assert table.schema.types == kinds
    assert table["code"].to_pylist() == ["007", "100"]
    assert table["day"][1].as_py() == date(2020, 2, 29)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_sniffed(delimiter: str) -> None:
    data = delimiter.join(["a", "b", "c"]) + "\n" + delimiter.join(["1", "x y: z", "3"]) + "\n" + delimiter * 2 + "\n"
    assert columns(data.encode()) == {"a": [1, None], "b": ["x y: z", None], "c": [3, None]}


def test_commas_inside_cells_do_not_win_over_the_semicolon() -> None:
    assert columns(b"a;b\n1,5;x, y, z\n2,25;u\n") == {"a": [1.5, 2.25], "b": ["x, y, z", "u"]}


@pytest.mark.parametrize(
    ("data", "amounts", "told"),
    [
        (b"a;b\n1.169,50;x\n950,00;y\n12.500,75;z\n", [1169.5, 950.0, 12500.75], "decimal commas, and dots between"),
        (b"a;b\n1.169;2,5\n950;3,25\n", [1169.0, 950.0], "dots between thousands, as other columns"),
        (b"a;b\n1.169;x\n2.250;y\n", [1.169, 2.25], ""),
        (b"a;b\n1,234;x\n2,500;y\n", [1.234, 2.5], "decimal commas"),
        (b'a,b\n"1.169,50",x\n"2,25",y\n', [1169.5, 2.25], "decimal commas"),
        (b'a,b\n"1,169.50",x\n"2,250",y\n', [1169.5, 2250.0], "commas between thousands"),
        (b'a,b\n"1,169",x\n"2,250",y\n', ["1,169", "2,250"], "read as text"),
        (b"a;b\n192.168.100.101;2,5\n192.168.100.102;3,5\n", ["192.168.100.101", "192.168.100.102"], ""),
        (b"a;b\n31.12.2020;2,5\n30.11.2021;3,5\n", [date(2020, 12, 31), date(2021, 11, 30)], "day"),
        (b"a;b\n01.169,5;2\n950,5;3\n", ["01.169,5", "950,5"], ""),
    ],
)
def test_numbers_with_separators_are_read_as_they_are_meant_or_it_is_told(
    data: bytes, amounts: list[object], told: str
) -> None:
    reading = read_table(data, "t.csv")
    assert reading.table["a"].to_pylist() == amounts
    about = [n.message for n in reading.notes if "'a'" in n.message]
    assert told in about[0] if told else about == []


def test_a_word_among_numbers_with_separators_is_told_with_its_line() -> None:
    (warning,) = read_table(b"a;b\n1.169,50;x\n950,00;y\nunknown;z\n", "t.csv").notes
    assert (warning.rule, warning.severity) == ("reading.mixed-types", Severity.WARNING)
    assert warning.where == "t.csv, line 4"


def test_one_column_is_a_table() -> None:
    assert columns(b"a\n1\n2\n") == {"a": [1, 2]}


def test_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert list(columns(b"\xef\xbb\xbfa,b\n1,2\n3,4\n")) == ["a", "b"]


def test_utf16_is_read_with_a_note() -> None:
    reading = read_table("a,b\nä,2\nx,4\n".encode("utf-16"), "t.csv")
    assert reading.table["a"].to_pylist() == ["ä", "x"]
    assert [n.rule for n in reading.notes] == ["reading.encoding"]


def test_broken_utf16_is_refused() -> None:
    with pytest.raises(InputError, match="UTF-16"):
        read_table(b"\xff\xfea\x00,\x00\x00\xd8", "t.csv")


@pytest.mark.parametrize(("raw", "text"), [(b"M\xfcller \x80", "Müller €"), (b"M\xfcller\x81", "Müller\x81")])
def test_one_byte_encodings_are_read_with_a_warning_and_the_line(raw: bytes, text: str) -> None:
    reading = read_table(b"a,b\nx,1\n" + raw + b",2\n", "t.csv")
    assert reading.table["a"].to_pylist()[1] == text
    (note,) = reading.notes
    assert (note.rule, note.severity, note.where) == ("reading.encoding", Severity.WARNING, "t.csv, line 3")


def test_quoted_line_ends_and_quotes_are_part_of_the_cell() -> None:
    assert columns(b'a,b\n"x\ny ""z""",1\r\n"u,v",2\n')["a"] == ['x\ny "z"', "u,v"]


def test_old_mac_line_ends_are_read() -> None:
    assert columns(b"a,b\r1,2\r3,4\r") == {"a": [1, 3], "b": [2, 4]}


def test_missing_spellings_infinities_and_empty_columns() -> None:
    data = b"n,f,t,e\nNA,nan,N/A,\n1,inf,none,\nnull,-Infinity,NULL,\n3,1.5,x,\n"
    assert columns(data) == {
        "n": [None, 1, None, 3],
        "f": [None, float("inf"), float("-inf"), 1.5],
        "t": [None, "none", None, "x"],
        "e": [None] * 4,
    }


def test_numbers_beyond_64_bits_stay_text() -> None:
    assert columns(b"a\n12345678901234567890123\n1\n")["a"] == ["12345678901234567890123", "1"]


def test_mixed_types_become_text_and_the_first_line_is_told() -> None:
    reading = read_table(b'a,b\n1,"x\ny"\n\n2,z\nunknown,z\n4,z\n', "t.csv")
    assert reading.table["a"].to_pylist() == ["1", "2", "unknown", "4"]
    (note,) = reading.notes
    assert (note.rule, note.where) == ("reading.mixed-types", "t.csv, line 6")
    assert "unknown" not in note.message + note.hint


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("31.12.2020", "1.2.2021"), [date(2020, 12, 31), date(2021, 2, 1)]),
        (("31/12/2020", "01/02/2021"), [date(2020, 12, 31), date(2021, 2, 1)]),
        (("12/31/2020", "01/02/2021"), [date(2020, 12, 31), date(2021, 1, 2)]),
        (("05/06/2020", "01/02/2021"), ["05/06/2020", "01/02/2021"]),
        (("31/31/2020", "01/02/2021"), ["31/31/2020", "01/02/2021"]),
        (("31.02.2020", "01.02.2021"), ["31.02.2020", "01.02.2021"]),
        (("2020-02-30", "2020-01-01"), ["2020-02-30", "2020-01-01"]),
    ],
)
def test_dates(cells: tuple[str, str], expected: list[object]) -> None:
    assert columns(f"d;x\n{cells[0]};1\n{cells[1]};2\n".encode())["d"] == expected


def test_moments_with_a_zone_are_converted_to_utc() -> None:
    moments = read_table(b"d\n2020-01-01T10:00:00+02:00\n2020-01-01T10:00Z\n", "t.csv").table["d"]
    assert moments.cast(pa.string()).to_pylist() == ["2020-01-01 08:00:00.000000", "2020-01-01 10:00:00.000000"]


def test_an_ambiguous_order_of_day_and_month_is_told() -> None:
    (note,) = read_table(b"d\n05/06/2020\n01/02/2021\n", "t.csv").notes
    assert "order of day and month" in note.message


@pytest.mark.parametrize(
    ("data", "what", "where"),
    [
        (b"", "empty", "t.csv"),
        (b" \n\n", "empty", "t.csv"),
        (b"a,b\n", "no rows", "t.csv"),
        (b"a,b", "no rows", "t.csv"),
        (b"a,b\n1,2\n", "a table of 1 row: ", "t.csv"),
        (b"a,b,a\n1,2,3\n4,5,6\n", "twice: 'a'", "t.csv, header"),
        (b"a,Anna Schmidt,Anna Schmidt\n1,2,3\n4,5,6\n", "twice: number 2", "t.csv, header"),
        (b"a,,c\n1,2,3\n4,5,6\n", "number 2", "t.csv, header"),
        (b"1,2\n3,4\n5,6\n", "numbers, not column names", "t.csv, header"),
        (b"a,b\n1,2\n\n3\n4,5\n", "1 cell where the header has 2", "t.csv, line 4"),
        (b'a,b\n"x\ny",2\n1,2,3\n', "3 cells where the header has 2", "t.csv, line 4"),
        (b'"a,b"\n"1,2"\n"3,4"\n', "separator ','", "t.csv, header"),
        (b"a^b\n1^2\n3^4\n", "separator '^'", "t.csv, header"),
        (b"a,b\n1,2\n3,\x00\n", "NUL byte", "t.csv, line 3"),
        (b'a,b\n1,2\n3,"x\n4,5\n', "never closed", "t.csv, line 3"),
        (b"PK\x03\x04rest", "spreadsheet", "t.csv"),
        (b"\x80\x04\x95", "pickle", "t.csv"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, what: str, where: str) -> None:
    with pytest.raises(InputError) as refused:
        read_table(data, "t.csv")
    assert what in refused.value.what
    assert refused.value.where == where
    assert refused.value.hint


def test_a_very_long_cell_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match="line 3: a cell of 1000001 bytes in column 'b'"):
        read_table(b"a,b\n1,x\n2," + b"y" * 1_000_001 + b"\n", "t.csv")


def test_too_many_columns_are_refused() -> None:
    names = ",".join(f"c{i}" for i in range(10_001))
    with pytest.raises(InputError, match="10001 columns"):
        read_table(f"{names}\n{names}\n".encode(), "t.csv")


def test_a_header_that_does_not_end_is_refused() -> None:
    with pytest.raises(InputError, match="header cannot be read"):
        read_table(b'"' + b"a" * 200_000 + b'",b\n1,2\n3,4\n', "t.csv")


def parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return sink.getvalue().to_pybytes()


def test_parquet_columns_become_plain() -> None:
    table = pa.table(
        {
            "small": pa.array([1, None], pa.int8()),
            "half": pa.array([1.5, float("nan")], pa.float32()),
            "category": pa.array(["x", ""]).dictionary_encode(),
            "moment": pa.array([1_577_836_800_000, None], pa.timestamp("ms", "Europe/Berlin")),
            "day": pa.array([date(2020, 1, 1), None], pa.date64()),
            "nothing": pa.nulls(2),
            "truth": [True, False],
            "__index_level_0__": [0, 1],
        }
    )
    read = read_table(parquet(table), "t.parquet").table
    kinds = [pa.int64(), pa.float64(), pa.string(), pa.timestamp("us"), pa.date32(), pa.string(), pa.bool_()]
    assert read.schema.types == kinds
    assert read["half"].to_pylist() == [1.5, None]
    assert read["category"].to_pylist() == ["x", None]


@pytest.mark.parametrize("column", [pa.array([[1], [2]]), pa.array([b"x", b"y"])])
def test_parquet_columns_that_no_model_can_use_are_refused(column: pa.Array) -> None:
    with pytest.raises(InputError, match="column c") as refused:
        read_table(parquet(pa.table({"c": column})), "t.parquet")
    assert "a column of type" in refused.value.what


def test_parquet_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InputError, match="do not fit"):
        read_table(parquet(pa.table({"c": pa.array([2**64 - 1, 1], pa.uint64())})), "t.parquet")


@pytest.mark.parametrize("data", [b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"a,b\n1,2\n3,4\n", b"PAREx" * 9 + b"PARE"])
def test_broken_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_table(data, "t.parquet")


def test_parquet_with_two_columns_of_one_name_is_refused() -> None:
    table = pa.table([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"])
    with pytest.raises(InputError, match="same name"):
        read_table(parquet(table), "t.parquet")
