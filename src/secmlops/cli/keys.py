"""``secmlops keys``: make, list and rotate this user's keys."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.trust.provider import KEY_ENCRYPTION, KeyDescription
from secmlops.trust.roles import Role
from secmlops.workspace import key_folder, own_keys, system_clock


@click.group("keys")
def command() -> None:
    """Make, list and rotate the keys that sign evidence, checkpoints and models, and wrap data keys.

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
            until = f"{key.until:%Y-%m-%d}" if key.until else "in use"
            rows.add_row(key.role, key.key_id[:16], key.algorithm, f"{key.since:%Y-%m-%d}", until, key.protection)
        screen.print(rows)
        screen.print(f"{told} {key_folder()}", soft_wrap=True)

    return Answer({"folder": str(key_folder()), "keys": described}, show)
