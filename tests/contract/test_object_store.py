"""What every store of named bytes owes the vault."""

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from secmlops.core.errors import InputError
from secmlops.vault.local import LocalObjectStore
from secmlops.vault.storage import ObjectStore, Writer, check_name


class MemoryObjectStore:
    """The contract in its smallest form, against which the kit itself is checked."""

    def __init__(self, folder: Path) -> None:
        self._objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def put(self, name: str, write: Writer, /) -> None:
        check_name(name)
        sink = io.BytesIO()
        write(sink)
        self._objects[name] = sink.getvalue()

    def create(self, name: str, data: bytes, /) -> bool:
        with self._lock:
            return self._objects.setdefault(check_name(name), data) is data

    def replace(self, name: str, old: bytes, new: bytes, /) -> bool:
        with self._lock:
            same = self._objects.get(check_name(name)) == old
            if same:
                self._objects[name] = new
            return same

    def open(self, name: str, /) -> BinaryIO:
        if not self.exists(name):
            raise InputError("there is no such object", where=name)
        return io.BytesIO(self._objects[name])

    def exists(self, name: str, /) -> bool:
        return check_name(name) in self._objects

    def delete(self, name: str, /) -> bool:
        return self._objects.pop(check_name(name), None) is not None

    def list(self) -> Iterator[str]:
        return iter(sorted(self._objects))


@pytest.fixture(params=[LocalObjectStore, MemoryObjectStore])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    made: ObjectStore = request.param(tmp_path / "store")
    return made


def _writing(*pieces: bytes) -> Writer:
    def write(sink: BinaryIO) -> None:
        sink.writelines(pieces)

    return write


def _read(store: ObjectStore, name: str) -> bytes:
    with store.open(name) as stream:
        return stream.read()


def test_puts_and_opens(store: ObjectStore) -> None:
    store.put("model/a", _writing(b"one ", b"two"))
    assert store.exists("model/a")
    with store.open("model/a") as stream:
        assert stream.seekable()
        stream.seek(4)
        assert stream.read() == b"two"


def test_put_replaces(store: ObjectStore) -> None:
    store.put("a", _writing(b"old and long"))
    store.put("a", _writing(b"new"))
    assert _read(store, "a") == b"new"


def test_an_open_stream_keeps_what_it_opened(store: ObjectStore) -> None:
    store.put("a", _writing(b"old"))
    with store.open("a") as stream:
        store.put("a", _writing(b"new"))
        store.delete("a")
        assert stream.read() == b"old"


def test_nothing_is_seen_before_the_writer_is_done(store: ObjectStore) -> None:
    def write(sink: BinaryIO) -> None:
        sink.write(b"half")
        assert not store.exists("a")
        assert list(store.list()) == []

    store.put("a", write)
    assert store.exists("a")


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, InputError])
def test_a_writer_that_fails_changes_nothing(store: ObjectStore, failure: type[BaseException]) -> None:
    def write(sink: BinaryIO) -> None:
        sink.write(b"half")
        raise failure("stop")

    with pytest.raises(failure):
        store.put("a", write)
    assert list(store.list()) == []
    store.put("a", _writing(b"old"))
    with pytest.raises(failure):
        store.put("a", write)
    assert _read(store, "a") == b"old"


def test_create_takes_a_free_name_only(store: ObjectStore) -> None:
    assert store.create("a", b"first")
    assert not store.create("a", b"second")
    assert _read(store, "a") == b"first"


def test_of_many_creators_one_wins(store: ObjectStore) -> None:
    won: list[bytes] = []

    def compete(data: bytes) -> None:
        if store.create("a", data):
            won.append(data)

    threads = [threading.Thread(target=compete, args=(bytes([i]),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [_read(store, "a")]


def test_replace_only_what_is_known(store: ObjectStore) -> None:
    assert not store.replace("a", b"", b"new")
    assert not store.exists("a")
    store.create("a", b"old")
    assert not store.replace("a", b"other", b"new")
    assert _read(store, "a") == b"old"
    assert store.replace("a", b"old", b"new")
    assert _read(store, "a") == b"new"


def test_delete(store: ObjectStore) -> None:
    assert not store.delete("model/a")
    store.create("model/a", b"x")
    assert store.delete("model/a")
    assert not store.exists("model/a")
    assert not store.delete("model/a")


def test_open_of_nothing_is_told(store: ObjectStore) -> None:
    with pytest.raises(InputError):
        store.open("model/a")


def test_list_is_sorted_and_whole(store: ObjectStore) -> None:
    assert list(store.list()) == []
    for name in ("b/c", "a", "b/a/x", "c"):
        store.create(name, b"")
    assert list(store.list()) == ["a", "b/a/x", "b/c", "c"]


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", ".hidden", "a/.lock", "", "A", "a\x00"])
@pytest.mark.parametrize(
    "use",
    [
        lambda store, name: store.put(name, _writing(b"x")),
        lambda store, name: store.create(name, b"x"),
        lambda store, name: store.replace(name, b"x", b"y"),
        lambda store, name: store.open(name),
        lambda store, name: store.exists(name),
        lambda store, name: store.delete(name),
    ],
    ids=["put", "create", "replace", "open", "exists", "delete"],
)
def test_other_names_are_refused(store: ObjectStore, name: str, use: Callable[[ObjectStore, str], object]) -> None:
    with pytest.raises(InputError, match="cannot name a stored object"):
        use(store, name)
    assert list(store.list()) == []
