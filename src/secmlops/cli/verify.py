"""``secmlops verify``: check a release, a receipt or a signed file, offline, and say what was checked."""

from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from secmlops.cli.answer import Answer, ExitCode
from secmlops.cli.screen import bad, good, table
from secmlops.cli.verb import answering
from secmlops.verification import Verification, verify_path
from secmlops.workspace import trusted_ring

EPILOG = """\b
For example:
  secmlops verify releases/credit-risk-1
  secmlops verify credit-risk-1 --trust trust.json --sealed
  secmlops verify prediction.tlog-proof --trust trust.json
"""


@click.command("verify", epilog=EPILOG)
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--trust", type=click.Path(path_type=Path, dir_okay=False), help="Public keys you trust (trust.json).")
@click.option("--signature", type=click.Path(path_type=Path, dir_okay=False), help="Signature of a FILE (FILE.sig).")
@click.option("--sealed", is_flag=True, help="Accept that the model of a release stays encrypted and unread.")
@answering
def command(path: Path, trust: Path | None, signature: Path | None, sealed: bool) -> Answer:
    """Verify PATH offline: a release folder, the receipt of a prediction, or a file with its model signature.

    Signatures count when they were made by keys you trust: those in --trust, or else your own.
    """
    verification = verify_path(path, trusted_ring(trust), signature=signature, sealed=sealed)
    return Answer(
        verification.to_json(),
        lambda screen: _show(screen, verification),
        ExitCode.FINE if verification.ok else ExitCode.SHUT,
    )


def _show(screen: Console, verification: Verification) -> None:
    screen.print(f"{verification.what} {verification.name}", soft_wrap=True)
    rows = table("checked", "outcome", "detail")
    for check in verification.checks:
        mark = Text("✓ holds", "green") if check.ok else Text("✗ DOES NOT HOLD", "bold red")
        rows.add_row(check.name, mark, check.detail)
    screen.print(rows)
    failed = [check.name for check in verification.checks if not check.ok]
    if failed:
        screen.print(bad(f"not verified: {', '.join(failed)}"))
        screen.print(f"  what to do: {verification.advice}", style="dim", soft_wrap=True)
    else:
        screen.print(good(f"verified: {len(verification.checks)} checks hold"))
    if verification.unchecked:
        screen.print(f"not checked, as you asked: {', '.join(verification.unchecked)}")
