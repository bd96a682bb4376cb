import pytest

from secmlops.data.recognise.heads import LARGE_TOKEN, TOKEN, Heads, capitals, digits, head_of, letters, upto


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("4111 1111", ("9", 4)),
        ("12 Main Street", ("1", 2)),
        ("DE89", ("A", 2)),
        ("Über", ("A", 4)),
        ("anna1", ("a", 4)),
        ("1" * 50, ("9", 24)),
    ],
)
def test_the_head_of_a_token(text: str, head: tuple[str, int]) -> None:
    token = TOKEN.match(text)
    assert token is not None
    assert head_of(token, text) == head


def test_tokens_are_whole_runs() -> None:
    text = "ab12 CD34_56 +78 gh"
    assert [token[0] for token in TOKEN.finditer(text)] == ["ab12", "CD34", "56", "78", "gh"]
    assert [token[0] for token in LARGE_TOKEN.finditer("ab CD34 gh 5")] == ["CD34", "5"]


def test_heads_are_pairs_and_words() -> None:
    assert set(Heads(digits=(1,), few=True, words=frozenset({"Anna"}))) == {("9", 1), ("1", 1), "Anna"}
    assert set(digits(3)) == {("9", 3)}
    assert set(capitals(2)) == {("A", 2)}
    assert set(letters(2)) == {("A", 2), ("a", 2)}
    assert upto(3) == (1, 2, 3)
    assert upto(3, 2) == (2, 3)
