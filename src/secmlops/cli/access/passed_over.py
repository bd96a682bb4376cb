"""Telling whoever lists rights which of them do not count any more: those that a revoked key gave."""

from secmlops.access.book import AccessBook
from secmlops.cli.answer import say

HINT = "give anew what is to hold, for example: secmlops access grant NAME"


def known(book: AccessBook) -> AccessBook:
    """Return the book as it is, and say on standard error how many of its changes are passed over."""
    if book.state.passed_over:
        say("warning", book.state.passed_over_in_words, hint=HINT)
    return book
