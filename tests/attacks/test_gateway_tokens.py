"""Tokens presented to the running gateway: forged, foreign and old ones, an issuer that changes its keys or hangs."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from kits.running_gateway import UNBOUNDED, RunningGateway, running, write_settings
from kits.small_project import released_copy
from kits.token_issuer import (
    AUDIENCE,
    ISSUER,
    KeyServer,
    base64url,
    claims_at,
    jwk,
    jwks,
    key_server,
    rsa_key,
    token_of,
)
from secmlops.access.changes import ClaimRule, Issuer
from secmlops.workspace import Workspace

HANGING, ROTATING = "https://hanging.example", "https://rotating.example"
HEADER = {"alg": "RS256", "kid": "k1"}
RULES = (ClaimRule("groups", "tellers", "caller"), ClaimRule("groups", "readers", "viewer"))
SLOW = 1.5
"""Seconds that a change may take: one of ours, and a busy machine."""


@pytest.fixture(scope="module")
def hanging() -> Iterator[KeyServer]:
    with key_server() as server:
        server.answer = lambda _: server.released.wait(60)
        yield server


@pytest.fixture(scope="module")
def rotating() -> Iterator[KeyServer]:
    with key_server() as server:
        server.document = jwks(jwk(rsa_key("one"))).encode()
        yield server


def trust(workspace: Workspace, issuer: str = ISSUER, **keys: str) -> None:
    given = {"audience": AUDIENCE, "algorithms": ("RS256",), "version": 1, "rules": RULES, **keys}
    workspace.administration.trust(Issuer(issuer=issuer, at=datetime.now(UTC), **given))


@pytest.fixture(scope="module")
def gateway(
    tmp_path_factory: pytest.TempPathFactory, hanging: KeyServer, rotating: KeyServer
) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("tokens")
    project = released_copy(tmp_path_factory, folder)
    write_settings(project, f"{UNBOUNDED}, watch: {{enabled: false}}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECMLOPS_KEYS", str(folder / "keys"))
        workspace = Workspace(project)
        trust(workspace, jwks=jwks(jwk(rsa_key("one"))))
        trust(workspace, HANGING, jwks_url=hanging.url)
        trust(workspace, ROTATING, jwks_url=rotating.url)
        with running(project) as one:
            yield one
            log = one.log.read_text()
            assert "Traceback" not in log
            assert "ada" not in log


def good(issuer: str = ISSUER, key: str = "one", kid: str = "k1", **claims: Any) -> str:
    return token_of({**HEADER, "kid": kid}, claims_at(time.time(), iss=issuer, **claims), rsa_key(key))


def unsigned(algorithm: str) -> str:
    parts = [json.dumps(part).encode() for part in ({**HEADER, "alg": algorithm}, claims_at(time.time()))]
    return ".".join(map(base64url, parts))


def confused() -> str:
    """HMAC keyed with what everybody knows: the issuer's public key."""
    return token_of({**HEADER, "alg": "HS256"}, claims_at(time.time()), jwks(jwk(rsa_key("one"))).encode(), "HS256")


REFUSED = {
    "algorithm none": lambda: f"{unsigned('none')}.",
    "algorithm none with a signature": lambda: f"{unsigned('none')}.{good().rpartition('.')[2]}",
    "algorithm None": lambda: f"{unsigned('None')}.",
    "the public key as a secret": confused,
    "no signature": lambda: f"{unsigned('RS256')}.",
    "another key": lambda: good(key="evil"),
    "another audience": lambda: good(aud="somebody else"),
    "no audience": lambda: good(aud=None),
    "another issuer": lambda: good("https://evil.example"),
    "the keys of another issuer": lambda: good(ROTATING, key="evil"),
    "an end that is over": lambda: good(exp=time.time() - 1),
    "no end": lambda: good(exp=None),
    "a beginning that is to come": lambda: good(nbf=time.time() + 600),
    "groups that give no role": lambda: good(groups=["admins"]),
    "a key id that is not known": lambda: good(kid="k9"),
    "an issuer whose keys never come": lambda: good(HANGING),
    "too long": lambda: good(padding="x" * 9000),
}


@pytest.mark.parametrize("made", REFUSED.values(), ids=REFUSED.keys())
def test_a_token_that_does_not_count_gets_what_a_stranger_gets_and_no_word_more(gateway, made) -> None:
    status, told = gateway.ask(key=made())
    assert (status, told) == gateway.ask(key="sk_000000000000_nobody")
    assert status == 401
    assert gateway.ask(key=good())[0] == 200


def test_a_role_by_a_claim_allows_what_it_allows(gateway) -> None:
    assert gateway.ask(key=good(groups=["readers"]))[0] == 401
    assert gateway.ask(key=good(groups=["readers", "tellers"]))[0] == 200


def test_a_token_counts_until_its_end_on_a_connection_that_is_kept(gateway) -> None:
    end = time.time() + 2
    short = good(exp=end)
    assert gateway.ask(key=short)[0] == 200
    gateway.within(2 + SLOW, 401, short)
    assert time.time() >= end


def test_an_issuer_that_hangs_holds_up_nobody(gateway, hanging) -> None:
    begun = time.monotonic()
    for number in range(20):
        assert gateway.ask(key=good(HANGING, sub=f"ada {number}"))[0] == 401
        assert gateway.ask()[0] == 200
    assert time.monotonic() - begun < 5
    assert hanging.asked <= 2


def test_a_key_that_the_issuer_takes_back_counts_no_more_once_another_is_known(gateway, rotating) -> None:
    gateway.within(12, 200, good(ROTATING))
    asked = rotating.asked
    rotating.document = jwks(jwk(rsa_key("two"), "k2")).encode()
    old = good(ROTATING)
    assert gateway.ask(key=old)[0] == 200  # what was fetched counts until it is fetched again
    for _ in range(5):
        gateway.ask(key=good(ROTATING, kid="k7"))  # unknown keys make it ask again, but not time after time
    gateway.within(12, 200, good(ROTATING, "two", "k2"))
    assert gateway.ask(key=old)[0] == 401
    assert gateway.ask(key=good(ROTATING))[0] == 401
    assert rotating.asked - asked <= 2


def test_an_issuer_that_is_trusted_no_more_is_out_within_a_second_while_its_tokens_are_in_use(gateway) -> None:
    workspace, other = Workspace(gateway.project), "https://other.example"
    trust(workspace, other, jwks=jwks(jwk(rsa_key("three"))))
    held = good(other, "three")
    gateway.within(SLOW, 200, held)
    workspace.administration.distrust(other)
    gateway.within(SLOW, 401, held)
    assert gateway.ask(key=good())[0] == 200
    workspace.ledger.close()
