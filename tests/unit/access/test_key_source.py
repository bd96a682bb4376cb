"""Keys of an issuer: fetched in the background, again when they are old, and gone when they are too old."""

import threading
import time

import pytest

from kits.token_issuer import jwk, jwks, key_server, rsa_key
from secmlops.access.key_source import AGAIN_SECONDS, REFRESH_SECONDS, STALE_SECONDS, FetchedKeys, KeptKeys


class Stopwatch:
    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def server():
    with key_server() as made:
        made.document = jwks(jwk(rsa_key())).encode()
        yield made


@pytest.fixture
def stopwatch():
    return Stopwatch()


@pytest.fixture
def changes():
    return []


@pytest.fixture
def keys(server, stopwatch, changes):
    return FetchedKeys(server.url, ("RS256",), lambda: changes.append(1), stopwatch)


def settled(keys):
    """Wait until no fetch is under way."""
    keys._thread.join(timeout=60)
    assert not keys._thread.is_alive()


def test_the_first_look_finds_nothing_and_begins_to_fetch(keys, server, changes):
    assert keys.find("k1", "RS256") is None
    settled(keys)
    assert keys.find("k1", "RS256")
    assert (server.asked, changes) == (1, [1])


def test_old_keys_are_fetched_again_and_meanwhile_count(keys, server, stopwatch, changes):
    keys.refresh()
    settled(keys)
    keys.refresh()
    stopwatch.seconds += REFRESH_SECONDS + 1
    keys.refresh()
    assert keys.find("k1", "RS256")
    settled(keys)
    assert (server.asked, changes) == (2, [1])  # the same keys are no change


def test_keys_that_cannot_be_fetched_for_too_long_count_no_more(keys, server, stopwatch, changes, caplog):
    keys.refresh()
    settled(keys)
    server.document = b"gone"
    for _ in range(3):
        stopwatch.seconds += STALE_SECONDS / 2 - 1
        keys.refresh()
        settled(keys)
    assert keys.find("k1", "RS256") is None
    assert changes == [1, 1]
    assert caplog.text.count("not known anew") == 1


def test_between_two_fetches_some_time_passes(keys, server, stopwatch):
    for _ in range(20):
        keys.find("other", "RS256")
        settled(keys)
    assert server.asked == 1
    stopwatch.seconds += AGAIN_SECONDS
    keys.find("other", "RS256")
    settled(keys)
    assert server.asked == 2


def test_a_server_that_hangs_holds_up_nobody_and_is_asked_once_at_a_time(keys, server, stopwatch):
    server.answer = lambda handler: server.released.wait(20)
    started = time.monotonic()
    for _ in range(200):
        assert keys.find("k1", "RS256") is None
        stopwatch.seconds += AGAIN_SECONDS
    assert time.monotonic() - started < 2
    assert server.asked <= 1
    assert sum(thread.name == "jwks" for thread in threading.enumerate()) <= 1
    server.released.set()
    settled(keys)


def test_kept_keys_are_there_at_once():
    kept = KeptKeys(jwks(jwk(rsa_key())), ("RS256",))
    kept.refresh()
    assert kept.find("k1", "RS256")
    assert kept.find("k1", "PS256") is None
    assert kept.find("k2", "RS256") is None
