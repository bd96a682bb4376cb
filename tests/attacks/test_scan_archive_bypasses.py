"""Archives and model files built so that a scan and a loader would see different things: none may be called safe."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib

import pytest

from secmlops.release.scan import Limits, Verdict, scan_bytes

HARMLESS = b"\x80\x04N."


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def rules(data: bytes, name: str = "model.zip", limits: Limits | None = None) -> set[str]:
    report = scan_bytes(name, data, limits)
    assert report.verdict is not Verdict.SAFE
    return {finding.rule for finding in report.findings}


def test_the_archive_that_the_attacks_change_is_safe() -> None:
    assert scan_bytes("model.zip", zipped(("a.pkl", HARMLESS), ("b.txt", b"text"))).verdict is Verdict.SAFE


@pytest.mark.parametrize("name", ["../a.pkl", "/etc/a.pkl", "a/../../b.pkl", "C:a.pkl", "..\\a.pkl", "\\\\host\\a.pkl"])
def test_path_traversal(name: str) -> None:
    data = zipped((name.replace("\\", "+"), HARMLESS)).replace(name.replace("\\", "+").encode(), name.encode())
    assert "archive-name" in rules(data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_duplicate_names() -> None:
    assert "archive-duplicate" in rules(zipped(("a.pkl", HARMLESS), ("a.pkl", HARMLESS)))


def test_symbolic_link() -> None:
    link = zipfile.ZipInfo("a.pkl")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, b"/etc/passwd")
    assert "archive-link" in rules(buffer.getvalue())


def test_comment_prefix_and_gap() -> None:
    plain = zipped(("a.pkl", HARMLESS))
    assert "archive-structure" in rules(b"PK\x03\x04" + plain)
    commented = bytearray(plain)
    commented[-2:] = struct.pack("<H", 3)
    assert "archive-structure" in rules(bytes(commented) + b"abc")
    assert "archive-structure" in rules(plain + b"abc")


def test_two_end_records() -> None:
    one, two = zipped(("a.pkl", HARMLESS)), zipped(("b.pkl", HARMLESS))
    assert "archive-structure" in rules(one + two)


def test_member_hidden_from_the_directory() -> None:
    data = zipped(("a.pkl", HARMLESS), ("b.pkl", HARMLESS))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    end = data.index(b"PK\x05\x06")
    record = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, second - data.index(b"PK\x01\x02"), data.index(b"PK\x01\x02"), 0
    )
    assert "archive-structure" in rules(data[:second] + record)
    assert end > second


def test_overlapping_members() -> None:
    data = bytearray(zipped(("a.pkl", HARMLESS), ("b.pkl", HARMLESS)))
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = bytes(4)
    assert "archive-structure" in rules(bytes(data))


def test_truncated_archive_and_no_end_record() -> None:
    data = zipped(("a.pkl", HARMLESS))
    for cut in range(4, len(data), 5):
        assert scan_bytes("model.zip", data[:cut]).verdict is not Verdict.SAFE


def test_bomb_by_ratio_by_size_and_by_depth() -> None:
    bomb = gzip.compress(bytes(8 << 20))
    assert "archive-bomb" in rules(bomb, "a.gz", Limits(ratio=10))
    assert "archive-bomb" in rules(bomb, "a.gz", Limits(expanded_bytes=1 << 20))
    deep = HARMLESS
    for _ in range(12):
        deep = gzip.compress(deep)
    assert "archive-bomb" in rules(deep, "a.gz")


def test_bomb_of_members() -> None:
    data = zipped(*((f"{index}.pkl", HARMLESS) for index in range(20)))
    assert rules(data, limits=Limits(members=10)) <= {"archive-bomb", "unreadable"}


def test_many_small_pickles_are_bounded() -> None:
    assert "archive-bomb" in rules(b"N." * 100, "model.pkl", Limits(members=10))


def test_opcodes_are_bounded() -> None:
    assert "pickle-work" in rules(b"\x80\x04" + b"N0" * 1000 + b"N.", "model.pkl", Limits(opcode_bytes=100))


def test_file_beyond_the_limit_is_not_read() -> None:
    assert rules(HARMLESS, "model.pkl", Limits(file_bytes=2)) == {"too-large"}


def test_other_compression_methods_are_not_called_safe() -> None:
    assert "archive-method" in rules(zipped(("a.pkl", HARMLESS), method=zipfile.ZIP_BZIP2))


def test_deflated_member_with_bytes_behind_its_end() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(HARMLESS) + packer.flush() + b"hidden"
    crc, name = zlib.crc32(HARMLESS), b"a.pkl"
    sizes = (crc, len(packed), len(HARMLESS), len(name))
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, *sizes, 0) + name
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, *sizes, 0, 0, 0, 0, 0, 0)
    central += name
    start = len(local) + len(packed)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(central), start, 0)
    assert "archive-structure" in rules(local + packed + central + end)


def tarred(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_tar_links_and_devices(kind: bytes) -> None:
    member = tarfile.TarInfo("a.pkl")
    member.type, member.linkname = kind, "/etc/passwd"
    assert "archive-link" in rules(tarred((member, b"")), "a.tar")


def test_tar_traversal_truncation_and_trailing_bytes() -> None:
    assert "archive-name" in rules(tarred((tarfile.TarInfo("../a.pkl"), HARMLESS)), "a.tar")
    plain = tarred((tarfile.TarInfo("a.pkl"), HARMLESS * 400))
    assert scan_bytes("a.tar", plain).verdict is Verdict.SAFE
    assert rules(plain[:1000], "a.tar")
    assert "archive-structure" in rules(tarred((tarfile.TarInfo("a.pkl"), HARMLESS)) + b"x" * 512, "a.tar")


@pytest.mark.parametrize(
    "magic", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x04\x22\x4d\x18", b"\x28\xb5\x2f\xfd", b"\x7fELF"]
)
def test_formats_that_are_not_read_are_not_called_safe(magic: bytes) -> None:
    assert "unknown-format" in rules(magic + bytes(100), "model")


def test_broken_gzip_and_bytes_behind_it() -> None:
    packed = gzip.compress(HARMLESS)
    assert rules(packed[:-4], "a.pkl.gz") == {"archive-checksum"}
    assert "archive-structure" in rules(packed + b"tail", "a.pkl.gz")
    flipped = bytearray(packed)
    flipped[-6] ^= 1
    assert rules(bytes(flipped), "a.pkl.gz") == {"archive-checksum"}


def test_name_that_promises_another_format() -> None:
    assert rules(HARMLESS, "model.onnx") == {"name-mismatch"}
    assert rules(HARMLESS, "model.safetensors") == {"name-mismatch"}
    assert rules(b"#!/bin/sh\nrm -rf /\n", "model.bin") == {"script", "name-mismatch"}


def test_code_beside_the_model() -> None:
    assert rules(b"import os\n", "handler.py") == {"script"}


def test_torchscript_and_second_folder() -> None:
    assert "torchscript" in rules(zipped(("a/data.pkl", b"\x80\x02}."), ("a/code/x.py", b"pass\n")), "a.pt")
    assert "torch-structure" in rules(zipped(("a/data.pkl", b"\x80\x02}."), ("b/data.pkl", b"\x80\x02}.")), "a.pt")


def test_persistent_id_that_is_no_storage() -> None:
    assert "pickle-persistent-id" in rules(zipped(("a/data.pkl", b"\x80\x02\x8c\x01aQ.")), "a.pt")
    assert "pickle-persistent-id" in rules(b"\x80\x02\x8c\x01aQ.", "a.pkl")
    assert "pickle-persistent-id" in rules(b"Pname\n.", "a.pkl")
