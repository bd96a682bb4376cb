"""``secmlops subject erase``: a person's rows, what was made of them, what models learnt from them; certified."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from secmlops.cli.answer import Answer, ExitCode, say
from secmlops.cli.progress import RunProgress
from secmlops.cli.screen import bad, good
from secmlops.cli.subject.find import asking_option, holding_data, show_holding
from secmlops.cli.tables import obstacle
from secmlops.cli.verb import answering, folder_option
from secmlops.core.counting import counted
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.data_subject.asking import may_erase
from secmlops.data_subject.erasure import Erased, erase_person, finish_erasures
from secmlops.data_subject.holding import Holding
from secmlops.workspace import Workspace

PENDING = (
    "begun, and not finished: mend what shuts the gate, then secmlops subject erase --finish; or add --without-model"
)
KEPT = "earlier releases stay in use meanwhile: data.governance.erasure can revoke them"


@click.command("erase")
@click.argument("person", required=False)
@click.option("--yes", is_flag=True, help="Carry the plan out. Without it, it is only shown.")
@click.option("--finish", is_flag=True, help="Only finish erasures that were begun.")
@click.option("--without-model", is_flag=True, help="Make no model in place of those that learnt from the person.")
@asking_option
@folder_option
@answering
def command(person: str | None, yes: bool, finish: bool, without_model: bool, user: str | None, folder: Path) -> Answer:
    """Erase PERSON: show the plan, and with --yes carry it out.

    Their rows leave the files of the project; what was made of tables with them is destroyed by its keys; a model is
    trained without them and released, and the earlier ones are revoked and destroyed. A signed certificate in the
    ledger names all of it. What was interrupted is finished first.
    """
    if finish is (person is not None):
        raise InputError("name a person, or give --finish", hint="secmlops subject erase PERSON")
    workspace = Workspace(folder)
    asker = may_erase(workspace, user, person)
    done = _finished(workspace, without_model) if finish or yes else []
    if person is None:
        return _answer(done, None)
    holding = asker.look_up(workspace, person)
    if holding.nothing or not yes:
        data = {**holding_data(holding), "planned": not holding.nothing, "erased": [_json(one) for one in done]}
        return Answer(data, lambda screen: _show_plan(screen, holding))
    with RunProgress() as progress:
        erased = erase_person(workspace, holding, progress, by=asker.id, models=not without_model)
    return _answer([*done, erased], holding)


def _finished(workspace: Workspace, without_model: bool) -> list[Erased]:
    with RunProgress() as progress:
        done = finish_erasures(workspace, progress, models=not without_model)
    if done:
        say("note", f"{counted(len(done), 'erasure')} had been begun before")
    return done


def _answer(erased: Sequence[Erased], holding: Holding | None) -> Answer:
    data: dict[str, Json] = {
        "person": str(holding.person) if holding else None,
        "nothing_held": False if holding else None,
        "erased": [_json(one) for one in erased],
    }
    code = ExitCode.FINE if all(one.done for one in erased) else ExitCode.SHUT
    return Answer(data, lambda screen: _show(screen, erased), code)


def _json(erased: Erased) -> dict[str, Json]:
    certificate = erased.certificate
    return {
        "person": str(erased.intent.person),
        "intent": erased.intent.entry,
        "done": erased.done,
        "certificate": erased.entry,
        "measures": dict(certificate.measures) if certificate else {},
        "findings": [finding.message for finding in certificate.findings] if certificate else [],
        "revoked": list(erased.revoked),
        "obstacles": [obstacle(reason) for reason in erased.shut.obstacles] if erased.shut else [],
    }


def _show_plan(screen: Console, holding: Holding) -> None:
    show_holding(screen, holding)
    if holding.nothing:
        return
    screen.print("to be done, with --yes:")
    for held in holding.files:
        screen.print(f"  take {counted(held.rows, 'row')} out of {held.name}")
    tables, models = len(holding.sources) - len(holding.files), len(holding.models)
    stored, made = counted(tables, "stored table"), counted(len(holding.derived), "object")
    screen.print(f"  destroy the keys of {stored} and of {made} made of them")
    if models:
        earlier = counted(len(holding.releases), "release")
        screen.print(f"  train again without the person, release, revoke {earlier}")


def _show(screen: Console, erased: Sequence[Erased]) -> None:
    if not erased:
        screen.print("nothing was begun, so there is nothing to finish")
    for one in erased:
        if one.certificate is None:
            screen.print(bad(f"the gate of stage {one.stage} is shut"))
            for reason in one.shut.obstacles if one.shut else ():
                screen.print(f"  {obstacle(reason)}")
            kept = f"revoked meanwhile: {', '.join(one.revoked)}" if one.revoked else KEPT
            screen.print(kept, soft_wrap=True)
            screen.print(PENDING, soft_wrap=True)
            continue
        for finding in one.certificate.findings:
            screen.print(f"  {finding.message}")
        told = f"certificate in entry {one.entry}"
        screen.print(good(f"erased, {told}") if one.done else bad(f"not all is erased, {told}"))
