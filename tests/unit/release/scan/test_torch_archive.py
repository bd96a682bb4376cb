"""PyTorch's files, laid out byte by byte as ``torch.save`` writes them."""

import io
import zipfile

import pytest

from secmlops.release.scan import Verdict, scan_bytes


def pickled(key: bytes, storage: bytes = b"torch\nFloatStorage", view: bytes = b"") -> bytes:
    """``{"w": torch.ones(2)}`` in protocol 2."""
    return (
        b"\x80\x02}q\x00X\x01\x00\x00\x00wq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\x00\x00\x00storageq\x03c"
        + storage
        + b"\nq\x04X"
        + len(key).to_bytes(4, "little")
        + key
        + b"q\x05X\x03\x00\x00\x00cpuq\x06K\x02"
        + view
        + b"tq\x07QK\x00K\x02\x85q\x08K\x01\x85q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\rs."
    )


def archive(pickle: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("w/data.pkl", pickle)
        file.writestr("w/byteorder", "little")
        file.writestr("w/data/0", b"\x80\x02c.raw!")
        file.writestr("w/version", "3\n")
        file.writestr("w/.data/serialization_id", "1572819951185464302605385339843116972732")
    return buffer.getvalue()


KEY = b"94350056648432"
SYSTEM = (
    b"\x80\x02}q\x00(X\x10\x00\x00\x00protocol_versionq\x01M\xe9\x03X\r\x00\x00\x00little_endianq\x02\x88X\n\x00\x00\x00"
    b"type_sizesq\x03}q\x04(X\x05\x00\x00\x00shortq\x05K\x02uu."
)
LEGACY = (
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."
    + SYSTEM
    + pickled(KEY, view=b"N")
    + b"\x80\x02]q\x00X\x0e\x00\x00\x00"
    + KEY
    + b"q\x01a."
    + b"\x02\x00\x00\x00\x00\x00\x00\x00"
    + b"\x00\x00\x80?" * 2
)


@pytest.mark.parametrize("name", ["model.pt", "model.pth", "pytorch_model.bin"])
def test_state_dicts_of_both_layouts_are_safe(name: str) -> None:
    new, old = scan_bytes(name, archive(pickled(b"0"))), scan_bytes(name, LEGACY)
    assert (new.verdict, new.format, new.findings) == (Verdict.SAFE, "torch", ())
    assert (old.verdict, old.format, old.findings) == (Verdict.SAFE, "torch-legacy", ())


def test_storage_class_that_is_none() -> None:
    assert scan_bytes("m.pt", archive(pickled(b"0", b"os\nsystem"))).verdict is Verdict.DANGEROUS
    assert scan_bytes("m.pt", archive(pickled(b"0", b"torch\nSize"))).verdict is Verdict.CANNOT_TELL


def test_pickle_that_breaks_or_goes_on() -> None:
    whole = pickled(b"0")
    assert scan_bytes("m.pt", archive(whole[:-3])).verdict is Verdict.CANNOT_TELL
    assert scan_bytes("m.pt", archive(whole + b"x")).verdict is Verdict.CANNOT_TELL


def test_legacy_storages_must_fill_the_file() -> None:
    for changed in (LEGACY[:-1], LEGACY + b"x", LEGACY[:-16] + b"\x03" + LEGACY[-15:], LEGACY[:60]):
        assert scan_bytes("m.pt", changed).verdict is Verdict.CANNOT_TELL


def test_storage_keys_must_be_those_of_the_object() -> None:
    assert scan_bytes("m.pt", LEGACY.replace(KEY, b"94350056648433", 1)).verdict is Verdict.CANNOT_TELL
