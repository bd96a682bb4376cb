"""One file under one key: what was written is read, by other programs too, and nothing else is."""

import io
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest

from kits.columns_world import applications
from secmlops.core.errors import InputError, VerificationError
from secmlops.data.columns.sealed_file import GROUP_ROWS, MAGIC, SealedFile, write_sealed

KEY, PREFIX = bytes(range(32)), bytes(32)


def sealed(table: pa.Table, key: bytes = KEY, prefix: bytes = PREFIX) -> bytes:
    sink = io.BytesIO()
    assert write_sealed([table], table.schema, sink, key, prefix) == table.num_rows
    return sink.getvalue()


def opened(data: bytes, key: bytes = KEY, prefix: bytes = PREFIX) -> SealedFile:
    return SealedFile(io.BytesIO(data), key, prefix, "column 'x'")


def test_what_was_written_is_read():
    table = applications()
    file = opened(sealed(table))
    assert (file.rows, file.groups) == (300, 1)
    assert file.group(0).equals(table)


def test_each_table_is_a_row_group():
    sink = io.BytesIO()
    table = pa.table({"x": range(10)})
    assert write_sealed([table, table.slice(7)], table.schema, sink, KEY, PREFIX) == 13
    file = opened(sink.getvalue())
    assert [file.group(n)["x"].to_pylist() for n in range(file.groups)] == [list(range(10)), [7, 8, 9]]


def test_nothing_of_it_lies_there_in_the_clear():
    data = sealed(pa.table({"monthly income": ["marble arch"] * 1000}))
    assert (data[:4], data[-4:]) == (MAGIC, MAGIC)
    assert b"income" not in data
    assert b"marble" not in data


def test_plain_arrow_reads_it_with_the_key_alone():
    table = applications()
    opening = pe.create_decryption_properties(KEY)
    assert pq.read_table(io.BytesIO(sealed(table)), decryption_properties=opening).equals(table)


@pytest.mark.parametrize(
    ("key", "prefix"), [(bytes(32), PREFIX), (KEY, bytes([1]) + bytes(31)), (KEY, bytes(31)), (KEY, bytes(33))]
)
def test_another_key_or_prefix_does_not_open_it(key, prefix):
    data = sealed(applications())
    with pytest.raises(VerificationError, match="not what was sealed"):
        opened(data, key, prefix)


def test_a_file_that_was_bound_to_nothing_is_refused():
    sink, table = io.BytesIO(), applications()
    pq.write_table(table, sink, encryption_properties=pe.create_encryption_properties(KEY))
    with pytest.raises(VerificationError):
        opened(sink.getvalue())


def test_a_file_that_was_not_encrypted_is_refused():
    sink = io.BytesIO()
    pq.write_table(applications(), sink)
    with pytest.raises(VerificationError):
        opened(sink.getvalue())


def test_a_footer_in_the_clear_is_refused_even_under_the_right_key():
    sink, table = io.BytesIO(), applications()
    sealing = pe.create_encryption_properties(KEY, aad_prefix=PREFIX, plaintext_footer=True)
    pq.write_table(table, sink, encryption_properties=sealing)
    with pytest.raises(VerificationError):
        opened(sink.getvalue())


def test_a_refused_source_is_closed():
    source = io.BytesIO(b"PARE")
    with pytest.raises(VerificationError):
        SealedFile(source, KEY, PREFIX, "x")
    assert source.closed


def test_closing_closes_the_source():
    source = io.BytesIO(sealed(applications()))
    file = SealedFile(source, KEY, PREFIX, "x")
    file.close()
    assert source.closed


def test_a_disk_that_fails_is_not_called_an_attack():
    class Failing(io.BytesIO):
        def read(self, size=-1, /):
            raise OSError(5, os.strerror(5))

    with pytest.raises(InputError, match="Input/output error"):
        SealedFile(Failing(sealed(applications())), KEY, PREFIX, "x")


def test_a_row_group_is_as_large_as_a_stream_gives_at_once():
    assert GROUP_ROWS == 131_072
