"""``secmlops access tokens``: trust and distrust issuers of tokens (OpenID Connect)."""

from pathlib import Path

import click
from rich.console import Console

from secmlops.access.changes import Issuer
from secmlops.access.issuers import MAX_JWKS_BYTES, checked_issuer, read_rule
from secmlops.access.jwks import ALGORITHMS
from secmlops.cli.access.files import read_some
from secmlops.cli.access.passed_over import known
from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.workspace import Workspace


@click.group("tokens")
def command() -> None:
    """Trust and distrust issuers of tokens (OpenID Connect). Tokens are sent as API keys are."""


@command.command("trust")
@click.argument("issuer")
@click.option("--audience", required=True, help="What tokens for this project name as their audience (claim aud).")
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    type=click.Choice(list(ALGORITHMS)),
    default=("RS256",),
    help="A signature algorithm that is taken; give the option once for each. By default RS256.",
)
@click.option("--jwks-url", help="Where the issuer's keys are fetched from (JWK set).")
@click.option(
    "--jwks", type=click.Path(path_type=Path, dir_okay=False), help="A file with the issuer's keys, kept on record."
)
@click.option("--role", "rules", multiple=True, metavar="CLAIM=VALUE:ROLE", help="A role for whom the claim says so.")
@click.option("--user-claim", help="The claim that names a user; they have their own roles.")
@folder_option
@answering
def trust(
    issuer: str,
    audience: str,
    algorithms: tuple[str, ...],
    jwks_url: str | None,
    jwks: Path | None,
    rules: tuple[str, ...],
    user_claim: str | None,
    folder: Path,
) -> Answer:
    """Trust tokens of ISSUER, its URL as tokens name it. Trusted again, it is trusted as said now."""
    administration = Workspace(folder).administration
    trusted = checked_issuer(
        Issuer(
            issuer=issuer,
            audience=audience,
            algorithms=algorithms,
            version=1,
            at=administration.now(),
            jwks_url=jwks_url,
            jwks=None if jwks is None else _text(jwks),
            user_claim=user_claim,
            rules=tuple(read_rule(text) for text in rules),
        )
    )
    administration.trust(trusted)
    return Answer(_told(trusted), lambda screen: screen.print(f"trusted: {issuer} for {audience}"))


@command.command("distrust")
@click.argument("issuer")
@folder_option
@answering
def distrust(issuer: str, folder: Path) -> Answer:
    """Take no more tokens of ISSUER. A running gateway refuses them within a second."""
    Workspace(folder).administration.distrust(issuer)
    return Answer({"issuer": issuer, "removed": True}, lambda screen: screen.print(f"no longer trusted: {issuer}"))


@command.command("list")
@folder_option
@answering
def list_issuers(folder: Path) -> Answer:
    """List the issuers that are trusted, and what their tokens count for."""
    issuers = list(known(Workspace(folder).access).directory.issuers.values())

    def show(screen: Console) -> None:
        rows = table("issuer", "audience", "algorithms", "keys", "roles")
        for i in issuers:
            roles = [f"{rule.claim}={rule.value}: {rule.role}" for rule in i.rules]
            users = [f"the user in {i.user_claim}"] if i.user_claim else []
            rows.add_row(i.issuer, i.audience, ", ".join(i.algorithms), i.jwks_url or "kept", "\n".join(users + roles))
        screen.print(rows)

    return Answer({"issuers": [_told(issuer) for issuer in issuers]}, show)


def _text(path: Path) -> str:
    try:
        return read_some(path, MAX_JWKS_BYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", where=str(path)) from None


def _told(issuer: Issuer) -> dict[str, Json]:
    return {
        "issuer": issuer.issuer,
        "audience": issuer.audience,
        "algorithms": list(issuer.algorithms),
        "jwks_url": issuer.jwks_url,
        "user_claim": issuer.user_claim,
        "rules": [{"claim": rule.claim, "value": rule.value, "role": rule.role} for rule in issuer.rules],
    }
