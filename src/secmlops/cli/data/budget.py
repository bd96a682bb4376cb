"""``secmlops data budget``: how much releases under differential privacy may tell in all, and what is left of it."""

from pathlib import Path

import click

from secmlops.cli.answer import Answer
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data.differential_privacy.account import Account
from secmlops.data.differential_privacy.loss import PrivacyLoss
from secmlops.datasets import privacy_desk_of
from secmlops.workspace import Workspace


@click.command("budget")
@click.option("--epsilon", help="Set the budget: epsilon of all releases together.")
@click.option("--delta", help="Set the budget: delta of all releases together; 0 by default.")
@click.option("--as", "user", metavar="USER", help="Who sets it; needed as soon as the project has users.")
@folder_option
@answering
def command(epsilon: str | None, delta: str | None, user: str | None, folder: Path) -> Answer:
    """Show the privacy budget of the project's data; with --epsilon, set it.

    There is one budget for all that is ever released from this project with secmlops data release-dp, whatever its
    tables are called and however often they change.
    """
    workspace = Workspace(folder)
    desk = privacy_desk_of(workspace)
    if epsilon is None and delta is not None:
        raise InputError("a delta without an epsilon", where="--delta", hint="give both")
    if epsilon is None:
        return budget_answer(desk.account())
    return budget_answer(desk.set_limit(PrivacyLoss.read(epsilon, delta or "0"), workspace.project.data.source, user))


def budget_answer(account: Account) -> Answer:
    """Tell an account."""
    told = "no budget was set: nothing can be released"
    if account.limit is not None:
        times = f"{len(account.paid)} releases"
        told = f"budget: {account.limit}; spent by {times}: {account.spent}; left: {account.left}"
    return Answer(budget_data(account), lambda screen: screen.print(told, soft_wrap=True))


def budget_data(account: Account) -> dict[str, Json]:
    """What the JSON output tells of an account."""
    return {
        "limit": _json(account.limit) if account.limit else None,
        "spent": _json(account.spent),
        "left": _json(account.left),
        "entries": list(account.paid),
    }


def _json(loss: PrivacyLoss) -> dict[str, Json]:
    return {"epsilon": loss.epsilon, "delta": loss.delta}
