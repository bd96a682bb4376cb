"""Recognises links that name a user: credentials before the host, or a user in the path or the query."""

import re

from secmlops.data.recognise.heads import letters, upto
from secmlops.data.recognise.kind import Kind
from secmlops.data.recognise.recogniser import Recogniser

_SCHEME = (
    r"(?:https?|ftps?|sftp|ssh|git|smb|ldaps?|imaps?|smtps?|postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?|wss?)"
)
_HOST = r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?"
_REST = r"[^\s\"'<>]{0,500}"
_CREDENTIALS = rf"{_SCHEME}://[^\s/@\"'<>]{{1,128}}@{_HOST}(?:/{_REST})?"
_PATH = rf"{_SCHEME}://{_HOST}/(?:[\w.-]{{1,40}}/){{0,4}}(?:~|(?i:users?|profiles?|members?|people|in|u|accounts?)/|@)[\w.%+-]{{2,64}}{_REST}"
_QUERY = rf"{_SCHEME}://{_HOST}(?:/[^\s\"'<>?]{{0,200}})?\?{_REST}?(?i:user(?:name|_?id)?|login|email|uid|account|member_?id)=[^\s\"'<>&]{{2,128}}{_REST}"

_LINK = rf"{_CREDENTIALS}|{_PATH}|{_QUERY}"
_LINK_FORM = re.compile(_LINK, re.ASCII)


def names_a_user(text: str) -> bool:
    """Whether ``text`` is a link with credentials, or with a user in its path or query."""
    return bool(_LINK_FORM.match(text.strip()))


def without_full_stop(text: str) -> str:
    """Leave out the signs at the end that belong to the sentence around a link."""
    return text.rstrip(".,;:!?)]}")


USER_LINK = Recogniser(
    Kind.USER_LINK,
    whole=rf"^\s*{_SCHEME}://\S+\s*$",
    check=names_a_user,
    headers=("profile url", "profile link", "user url", "linkedin", "homepage"),
    inside=_LINK,
    heads=letters(*upto(12, 2)),
    marks=("://",),
    cut=without_full_stop,
    alone=0.9,
    scheme="a link that names a user",
    wide=True,
    hinted_share=0.1,
    bare_share=0.1,
    anywhere=True,
)
