"""Whatever is granted: a permission allows what it says, narrowing only takes away, and what is over stays over."""

import contextlib
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from secmlops.access.changes import Change, User
from secmlops.access.claims import read_token
from secmlops.access.directory import Directory
from secmlops.access.identity import Identity
from secmlops.access.keys import Narrowing, new_key
from secmlops.access.permissions import IMPLIED, Permission
from secmlops.access.roles import BUILT_IN
from secmlops.access.state import AccessState
from secmlops.core.errors import VerificationError

T0 = datetime(2026, 3, 1, tzinfo=UTC)
WORDS = st.sampled_from(["read", "predict", "receipt", "data.read", "data.write"])
NAMES = st.sampled_from(["model:a", "model:ab", "model:b", "data:a", "data:a/x"])
PATTERNS = st.builds(lambda text, end: text[: len(text) - end] + "*" * bool(end), NAMES | WORDS, st.integers(0, 3))
PERMISSIONS = st.lists(st.builds(Permission, WORDS | st.just("*") | st.just("data.*"), NAMES | PATTERNS), max_size=4)


def covers(pattern: str, text: str) -> bool:
    """What the documentation says of a pattern, written another way."""
    head, star, _ = pattern.partition("*")
    return text[: len(head)] == head if star else pattern == text


def covers_action(pattern: str, action: str) -> bool:
    return covers(pattern, action) or (action in IMPLIED and covers(pattern, IMPLIED[action]))


@given(
    PERMISSIONS, st.lists(WORDS, max_size=2), st.lists(st.sampled_from(["a", "a*", "b", "*"]), max_size=2), WORDS, NAMES
)
@settings(max_examples=100, deadline=None)
def test_an_identity_may_exactly_what_its_permissions_say_less_what_is_narrowed_away(
    permissions: list[Permission], scopes: list[str], models: list[str], action: str, resource: str
) -> None:
    plain = Identity("key:0", "ada", permissions=tuple(permissions))
    narrow = Identity("key:0", "ada", permissions=tuple(permissions), narrowed_to=tuple(scopes), models=tuple(models))
    allowed = any(covers_action(p.action, action) and covers(p.resource, resource) for p in permissions)
    kind, _, name = resource.partition(":")
    kept = any(covers_action(s, action) for s in scopes) and (kind != "model" or any(covers(m, name) for m in models))
    for _ in range(2):  # decided, and looked up
        assert plain.may(action, resource) is allowed
        assert narrow.may(action, resource) is (allowed and kept)


def history() -> tuple[str, str, list[Change]]:
    """A life: ada is made an admin, then a viewer, then removed; her key, and bob's that stays."""
    roles = (("admin",), ("viewer",), ())
    users = [User(name="ada", roles=r, version=n, at=T0, removed=n == 3) for n, r in enumerate(roles, 1)]
    (ada, hers), (bob, his) = (new_key(b"k" * 32, name, Narrowing(scopes=("*",)), T0) for name in ("ada", "bob"))
    return ada, bob, [users[0], hers, users[1], his, users[2]]


ADA, BOB, HISTORY = history()


@given(st.lists(st.integers(0, len(HISTORY) - 1), max_size=12))
@settings(max_examples=100, deadline=None)
def test_no_entry_appended_again_in_any_order_gives_anything_back(replayed: list[int]) -> None:
    state = AccessState()
    for change in (*HISTORY, *(HISTORY[place] for place in replayed)):
        state.replay(change)
    directory = Directory(state, b"k" * 32)
    assert directory.authenticate(ADA, T0) is None
    found = directory.authenticate(BOB, T0)
    assert found is not None
    assert found.permissions == BUILT_IN["caller"]


@given(st.text(max_size=80) | st.from_regex(r"sk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_whatever_is_presented_is_nobody(presented: str) -> None:
    state = AccessState()
    for change in HISTORY:
        state.replay(change)
    assert Directory(state, b"k" * 32).authenticate(presented, T0 + timedelta(days=1)) is None


@given(
    st.text(max_size=60)
    | st.from_regex(r"[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}\.[A-Za-z0-9_-]{1,40}", fullmatch=True)
)
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_token_or_refused(text: str) -> None:
    with contextlib.suppress(VerificationError):
        assert isinstance(read_token(text).claims, dict)
