"""A stream over bytes that lie elsewhere reads as a file in memory does."""

import io

from secmlops.data.sources.random_access import RandomAccess

DATA = bytes(range(100))


class Elsewhere(RandomAccess):
    def __init__(self) -> None:
        super().__init__(len(DATA))
        self.asked: list[tuple[int, int]] = []

    def read_at(self, start: int, end: int) -> bytes:
        self.asked.append((start, end))
        return DATA[start:end]


def test_it_reads_from_any_place_and_asks_for_nothing_behind_the_end() -> None:
    ours, plain = Elsewhere(), io.BytesIO(DATA)
    for offset, whence in ((7, io.SEEK_SET), (5, io.SEEK_CUR), (-3, io.SEEK_END), (20, io.SEEK_END), (0, io.SEEK_SET)):
        assert ours.seek(offset, whence) == plain.seek(offset, whence) == ours.tell()
        assert ours.read(10) == plain.read(10)
    assert max(end for _, end in ours.asked[:3]) == len(DATA)
    assert io.BufferedReader(Elsewhere(), 16).read() == DATA
