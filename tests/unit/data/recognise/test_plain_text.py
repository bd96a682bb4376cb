import pyarrow as pa
import pytest

from secmlops.data.recognise.plain_text import plain_text, plain_texts


@pytest.mark.parametrize(
    ("hidden", "plain"),
    [
        ("anna\u200b@example.org", "anna@example.org"),
        ("anna\uff20example.org", "anna@example.org"),
        ("\ufeffDE\u206089", "DE89"),
        ("a\u00a0b\u202e", "a b"),
        ("müller", "müller"),
        ("plain", "plain"),
    ],
)
def test_what_a_reader_does_not_see_is_undone(hidden: str, plain: str) -> None:
    assert plain_text(hidden) == plain
    assert plain_texts(pa.array([hidden, None])).to_pylist() == [plain, None]


def test_texts_that_hide_nothing_are_left_as_they_are() -> None:
    texts = pa.array(["a", "b"])
    assert plain_texts(texts) is texts
