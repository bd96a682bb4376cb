import struct

import pytest

from secmlops.core.errors import InputError, VerificationError
from secmlops.ledger.merkle import EMPTY_ROOT, CompactRange, leaf_hash
from secmlops.ledger.tiles import TiledLog, export_tiles, tile_path

ORIGIN = "ledger.example/test"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "export"


def files(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
        (0, 999, 1, "tile/0/999.p/1"),
        (2, 1000, 255, "tile/2/x001/000.p/255"),
        ("entries", 273, 112, "tile/entries/273.p/112"),
    ],
)
def test_paths_are_those_of_the_specification(level, number, width, path):
    assert tile_path(level, number, width).as_posix() == path


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_an_export_is_read_back_with_the_signed_root(size, ledger, signer, folder):
    ledger.append([("access", b"%d" % i) for i in range(size)])
    checkpoint = export_tiles(ledger, folder)
    log = TiledLog(folder, [signer.public], ORIGIN)
    assert log.checkpoint == checkpoint == ledger.head.checkpoint
    assert log.root() == checkpoint.root
    assert list(log.entries()) == list(ledger.entries())
    assert (folder / "checkpoint").read_bytes() == ledger.checkpoint()


def test_the_folder_holds_exactly_the_files_of_the_specification(ledger, folder):
    ledger.append([("access", b"%d" % i) for i in range(256)])
    export_tiles(ledger, folder)
    assert files(folder) == {"checkpoint", "tile/0/000", "tile/entries/000", "tile/1/000.p/1"}
    ledger.append([("access", b"x")])
    export_tiles(ledger, folder)
    assert files(folder) == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/1",
    }
    bundle = (folder / "tile/entries/001.p/1").read_bytes()
    assert bundle == struct.pack(">H", 8) + b"access\x00x"
    assert (folder / "tile/0/001.p/1").read_bytes() == leaf_hash(b"access\x00x")
    tile = (folder / "tile/0/000").read_bytes()
    tree = CompactRange()
    for start in range(0, len(tile), 32):
        tree.append(tile[start : start + 32])
    assert (folder / "tile/1/000.p/1").read_bytes() == tree.root() != EMPTY_ROOT


def test_every_changed_cut_or_missing_file_is_noticed(ledger, signer, folder):
    ledger.append([("access", b"%d" % i) for i in range(257)])
    export_tiles(ledger, folder)
    for name in sorted(files(folder)):
        path = folder / name
        good = path.read_bytes()
        flipped = bytes([good[0] ^ 1]) + good[1:]
        for bad in (flipped, good[:-1], good + b"\n", good + good, b"", None):
            path.unlink()
            if bad is not None:
                path.write_bytes(bad)
            with pytest.raises(VerificationError):
                list(TiledLog(folder, [signer.public], ORIGIN).entries())
            path.write_bytes(good)
    assert len(list(TiledLog(folder, [signer.public], ORIGIN).entries())) == 257


def test_a_second_export_leaves_what_is_there_alone(ledger, folder):
    ledger.append([("access", b"%d" % i) for i in range(300)])
    export_tiles(ledger, folder)
    before = (folder / "tile/0/000").stat().st_mtime_ns
    export_tiles(ledger, folder)
    assert (folder / "tile/0/000").stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_written_is_told(ledger, folder):
    folder.write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        export_tiles(ledger, folder)
