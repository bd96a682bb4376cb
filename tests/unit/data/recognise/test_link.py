import pytest

from secmlops.data.recognise.link import names_a_user
from secmlops.data.recognise.spans import spans


@pytest.mark.parametrize(
    "link",
    [
        "https://anna:pw@example.org/x",
        "ftp://anna@example.org",
        "https://example.org/users/anna.schmidt/orders",
        "https://example.org/@anna",
        "https://example.org/~anna/cv.html",
        "https://example.org/reset?lang=en&user=anna",
        "postgresql://app:x9@db.example.org:5432/app",
    ],
)
def test_links_with_a_user(link: str) -> None:
    assert names_a_user(link)
    (span,) = spans(f"see {link}, please")
    assert (span.kind, span.start, span.end) == ("link with a user", 4, 4 + len(link))


@pytest.mark.parametrize(
    "link", ["https://example.org/docs/index.html", "https://example.org/?q=answer", "http://192.0.2.7:80/", "x://y@z"]
)
def test_links_of_nobody(link: str) -> None:
    assert not names_a_user(link)
