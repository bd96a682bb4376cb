"""``secmlops keys``: make, list, rotate and revoke this user's keys."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import click
from rich.console import Console

from secmlops.cli.answer import Answer, say
from secmlops.cli.screen import table
from secmlops.cli.verb import answering
from secmlops.core.errors import InputError, VerificationError
from secmlops.core.json import Json
from secmlops.ledger.checkpoint import read_checkpoint
from secmlops.trust.provider import KEY_ENCRYPTION, KeyDescription
from secmlops.trust.roles import KeyRing, RingKey, Role
from secmlops.workspace import key_folder, own_keys, system_clock

SHORTEST_ID = 8
_EVIDENCE = "the evidence it signed opens no gate, and releases that stand on it no longer verify; run again"
MEANING: Mapping[Role, str] = MappingProxyType(
    {
        Role.ENGINEER: _EVIDENCE,
        Role.VALIDATOR: _EVIDENCE,
        Role.RELEASER: "its verdicts and releases count for nothing and are served no more; run again to publish anew",
        Role.GATEWAY: "the keys, users and roles it gave count for nothing, what it took away stays so; give them anew",
        Role.LOG: "the checkpoints and receipts it signed no longer verify, nor releases that hold them; run again",
        Role.MODEL: "the models it signed no longer verify, nor releases that hold them; run again to publish anew",
    }
)
"""What revoking a key of each role means from now on."""


@click.group("keys")
def command() -> None:
    """Make, list, rotate and revoke the keys that sign evidence, checkpoints and models, and wrap data keys.

    They lie in your configuration folder ($SECMLOPS_KEYS names another), encrypted under a passphrase when
    $SECMLOPS_PASSPHRASE_FILE names a file that holds one, and otherwise under a key file that only you can read.
    """


@command.command("init")
@answering
def init() -> Answer:
    """Make the keys. Done again, it changes nothing."""
    return _listed(own_keys(system_clock).describe(), "the keys are in")


@command.command("list")
@answering
def list_keys() -> Answer:
    """List the keys: role, id, algorithm, period, where, how protected. No secret is shown."""
    return _listed(own_keys().describe(), "the keys are in")


@command.command("rotate")
@click.argument("role", type=click.Choice([*(str(r) for r in Role), KEY_ENCRYPTION]))
@answering
def rotate(role: str) -> Answer:
    """Begin a new key for ROLE. What the old one signed stays verifiable, what it wrapped stays readable."""
    keys = own_keys()
    keys.rotate(None if role == KEY_ENCRYPTION else Role(role), system_clock())
    return _listed(keys.describe(), "rotated; the keys are in")


EPILOG = """\b
For example:
  secmlops keys rotate validator
  secmlops keys revoke 3f1c9a0b
"""


@command.command("revoke", epilog=EPILOG)
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask: you have read what it means.")
@answering
def revoke(key: str, yes: bool) -> Answer:
    """Let the key with the id KEY count for nothing from now on, whenever it signed. It cannot be undone.

    For a key that was stolen, or may have been: rotate its role first, so that there is another to sign with. KEY is
    the id that secmlops keys list shows, or its first eight digits and more. Hand the new trust.json to your verifiers.
    """
    keys = own_keys()
    found = _to_revoke(keys.ring(), key)
    if not found.revoked:
        if not yes:
            _confirm(found)
        keys.revoke(found.key.key_id)
    return _listed(keys.describe(), f"revoked: {found.role} {found.key.key_id[:16]}; the keys are in")


@command.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@answering
def export(file: Path) -> Answer:
    """Write the public keys to FILE (trust.json): what an auditor needs to verify what you signed."""
    try:
        file.write_bytes(own_keys().ring().to_json())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(file)) from None
    return Answer({"file": str(file)}, lambda screen: screen.print(f"the public keys are in {file}", soft_wrap=True))


def _to_revoke(ring: KeyRing, key: str) -> RingKey:
    """Key of the ring whose id begins with ``key``; raises InputError where revoking it would leave nothing to use."""
    found = [e for e in ring.entries if len(key) >= SHORTEST_ID and e.key.key_id.startswith(key.lower())]
    if len(found) != 1:
        hint = f"secmlops keys list shows the ids of signing keys; give at least {SHORTEST_ID} digits of one"
        raise InputError("several keys begin so" if found else "there is no such signing key", where=key, hint=hint)
    (entry,) = found
    others = [e for e in ring.entries if e.role is entry.role and not (e.revoked or e.until) and e is not entry]
    if not (entry.revoked or others):
        hint = f"begin another one first: secmlops keys rotate {entry.role}"
        raise InputError(f"this is the only {entry.role} key in use", where=entry.key.key_id[:16], hint=hint)
    if entry.role is Role.LOG and not entry.revoked:
        _check_ledgers(ring.revoking(entry.key.key_id), ring)
    return entry


def _check_ledgers(after: KeyRing, before: KeyRing) -> None:
    """Raise InputError when the newest known checkpoint of a ledger would hold no longer: nobody could open it then."""
    for file in sorted((key_folder() / "checkpoints").glob("[0-9a-f]*")):
        note = file.read_bytes()
        try:
            origin = read_checkpoint(note, before.keys(Role.LOG)).origin
        except VerificationError:
            continue  # it holds now no more than afterwards
        try:
            read_checkpoint(note, after.keys(Role.LOG))
        except VerificationError:
            what = f"the ledger {origin} was never signed by another log key: it could not be opened any more"
            hint = "write to it first, for example secmlops access grant NAME; if it is gone, remove this file"
            raise InputError(what, where=str(file), hint=hint) from None


def _confirm(entry: RingKey) -> None:
    """Say what revoking means, and ask; raises InputError where nobody can answer."""
    if click.get_current_context().params["as_json"] or not sys.stdin.isatty():
        raise InputError("revoking cannot be undone, and nobody can be asked here", hint="add --yes if you mean it")
    say("revoke", f"{entry.role} {entry.key.key_id[:16]}: {MEANING[entry.role]}. It cannot be undone.")
    click.confirm("Revoke it?", abort=True, err=True)


def _listed(keys: Sequence[KeyDescription], told: str) -> Answer:
    described: list[Json] = [
        {
            "role": key.role,
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "since": key.since.isoformat(),
            "until": key.until.isoformat() if key.until else None,
            "where": key.where,
            "protection": key.protection,
            "revoked": key.revoked,
        }
        for key in keys
    ]

    def show(screen: Console) -> None:
        rows = table("role", "key id", "algorithm", "since", "until", "protected by")
        for key in keys:
            until = "revoked" if key.revoked else f"{key.until:%Y-%m-%d}" if key.until else "in use"
            rows.add_row(key.role, key.key_id[:16], key.algorithm, f"{key.since:%Y-%m-%d}", until, key.protection)
        screen.print(rows)
        screen.print(f"{told} {key_folder()}", soft_wrap=True)

    return Answer({"folder": str(key_folder()), "keys": described}, show)
