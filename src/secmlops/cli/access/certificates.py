"""``secmlops access certificates``: let client certificates stand for users."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.access.certificates import MAX_BYTES, read_certificate
from secmlops.access.changes import Certificate
from secmlops.cli.access.files import read_some
from secmlops.cli.access.passed_over import known
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.json import Json
from secmlops.workspace import Workspace


@click.group("certificates")
def command() -> None:
    """Let client certificates stand for users, and withdraw them."""


@command.command("map")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("user")
@folder_option
@answering
def map_certificate(file: Path, user: str, folder: Path) -> Answer:
    """Let the certificate in FILE (PEM) stand for the user USER, until it ends or is withdrawn."""
    administration = Workspace(folder).administration
    mapped = read_certificate(read_some(file, MAX_BYTES), user, administration.now())
    administration.map_certificate(mapped)
    return Answer(_told(mapped), lambda screen: screen.print(f"{mapped.fingerprint} stands for {user}"))


@command.command("withdraw")
@click.argument("fingerprint")
@folder_option
@answering
def withdraw(fingerprint: str, folder: Path) -> Answer:
    """Withdraw the certificate with the SHA-256 FINGERPRINT. A running gateway refuses it within a second."""
    mapped = Workspace(folder).administration.withdraw_certificate(fingerprint.replace(":", "").lower())
    return Answer(_told(mapped), lambda screen: screen.print(f"withdrawn: {mapped.fingerprint} of {mapped.name}"))


@command.command("list")
@folder_option
@answering
def list_certificates(folder: Path) -> Answer:
    """List the client certificates: fingerprint, user, end, and whether they are in force."""
    certificates = list(known(Workspace(folder).access).state.certificates.values())

    def show(screen: Console) -> None:
        rows = table("SHA-256", "user", "expires", "state")
        for c in certificates:
            rows.add_row(c.fingerprint, c.name, f"{c.expires:%Y-%m-%d}", "withdrawn" if c.removed else "in force")
        screen.print(rows)

    return Answer({"certificates": [_told(certificate) for certificate in certificates]}, show)


def _told(certificate: Certificate) -> dict[str, Json]:
    return {
        "fingerprint": certificate.fingerprint,
        "name": certificate.name,
        "expires": certificate.expires.isoformat(),
        "withdrawn": certificate.removed,
    }
