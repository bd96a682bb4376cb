import hashlib
import os

import pytest

from secmlops.core.errors import InputError
from secmlops.trust.model_signing.manifest import Hash, Serialization
from secmlops.trust.model_signing.model_files import measure

FILES = Serialization(method="files", hash_type=Hash.SHA256, allow_symlinks=False)


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def model(tmp_path):
    root = tmp_path / "model"
    (root / "sub" / ".git").mkdir(parents=True)
    (root / ".git").mkdir()
    for name in ("b", "sub/a", "sub/.git/x", ".git/config", ".gitignore"):
        (root / name).write_bytes(name.encode())
    return root


def test_a_folder_and_its_bytes_measure_the_same(model):
    expected = {n: sha(n.encode()) for n in ("b", "sub/a", "sub/.git/x")}
    in_memory = {p.relative_to(model).as_posix(): p.read_bytes() for p in model.rglob("*") if p.is_file()}
    assert measure(model, FILES) == measure(in_memory, FILES) == expected


def test_what_is_named_is_left_out(model):
    recorded = Serialization(method="files", hash_type=Hash.SHA256, allow_symlinks=False, ignore_paths=("sub",))
    assert set(measure(model, recorded)) == {"b"}
    assert set(measure(model, FILES, ["b"])) == {"sub/a", "sub/.git/x"}


def test_a_single_file_is_named_by_its_basename(model):
    assert measure(model / "sub" / "a", FILES) == {"a": sha(b"sub/a")}


def test_blake2b_has_64_bytes():
    how = Serialization(method="files", hash_type=Hash.BLAKE2B, allow_symlinks=False)
    assert measure({"a": b"1"}, how) == {"a": hashlib.blake2b(b"1").hexdigest()}


@pytest.mark.parametrize("size", [1, 3, 4, 5, 100])
def test_shards_tile_the_file(tmp_path, size):
    how = Serialization(method="shards", hash_type=Hash.SHA256, allow_symlinks=False, shard_size=size)
    data = b"01234567"
    (tmp_path / "w").write_bytes(data)
    (tmp_path / "empty").write_bytes(b"")
    expected = {
        f"w:{start}:{min(start + size, 8)}": sha(data[start : start + size]) for start in range(0, len(data), size)
    }
    assert measure(tmp_path, how) == measure({"w": data, "empty": b""}, how) == expected


def test_links_and_pipes_are_refused(model):
    link = model / "link"
    for target in ("b", "sub", "nowhere"):
        link.symlink_to(target)
        with pytest.raises(InputError, match="a link, or no regular file"):
            measure(model, FILES)
        link.unlink()
    os.mkfifo(link)
    with pytest.raises(InputError, match="a link, or no regular file"):
        measure(model, FILES)
    assert "link" not in measure(model, FILES, ["link"])


def test_a_single_file_that_is_a_link_or_pipe_is_refused(model):
    (model / "link").symlink_to("b")
    os.mkfifo(model / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(InputError):
            measure(model / name, FILES)


def test_names_that_are_not_canonical_are_refused(tmp_path):
    with pytest.raises(InputError, match="not the name of a model file"):
        measure({"../a": b""}, FILES)
    with open(os.fsencode(tmp_path) + b"/\xff", "wb"):  # noqa: PTH123
        pass
    with pytest.raises(InputError, match="not the name of a model file"):
        measure(tmp_path, FILES)


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        measure(tmp_path / "none", FILES)
