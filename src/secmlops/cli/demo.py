"""``secmlops demo``: a built-in use case, from raw data and a person who asks to a release, a prediction, a receipt."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
import uvicorn
from rich.console import Console

from secmlops.access.keys import Narrowing
from secmlops.access.permissions import Action
from secmlops.cli.answer import Answer, say
from secmlops.cli.demo_person import PersonJourney, person_journey
from secmlops.cli.progress import RunProgress
from secmlops.cli.report import write_report
from secmlops.cli.run import run_answer
from secmlops.cli.verb import answering
from secmlops.core.errors import SecmlopsError
from secmlops.core.json import Json
from secmlops.data_subject.erasure import finish_erasures
from secmlops.gateway.client import infer
from secmlops.gateway.listening import listen, port_of
from secmlops.gateway.serve import Address, Serving, prepare_serving
from secmlops.pipeline import example_request_of, run_pipeline
from secmlops.project.load import FILE_NAME
from secmlops.usecases.catalogue import USE_CASES
from secmlops.verification import Verification, verify_path
from secmlops.workspace import Workspace

ONE_HOUR = timedelta(hours=1)
START_SECONDS = 20.0
LOOPBACK = "127.0.0.1"
RECEIPT_FILE = "prediction.tlog-proof"


@dataclass(frozen=True, slots=True)
class Drill:
    """One prediction that was served and proved: the answer, the check of its receipt, and where both lie."""

    answer: dict[str, Any]
    verification: Verification
    receipt: Path
    report: Path


EPILOG = """\b
For example:
  secmlops demo credit-risk --folder demo/credit-risk
"""


@click.command("demo", epilog=EPILOG)
@click.argument("name", type=click.Choice(sorted(USE_CASES)))
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where; secmlops-demo/NAME by default."
)
@click.option("--rows", type=click.IntRange(min=100), help="How many rows to generate.")
@answering
def command(name: str, folder: Path | None, rows: int | None) -> Answer:
    """Run the use case NAME: raw data to a signed release, then a prediction over TLS, its receipt verified offline.

    Where the data are of persons, the first of them is found, gets a copy, and is erased, before the release.
    """
    place = folder or Path("secmlops-demo") / name
    fresh = not (place / FILE_NAME).exists()
    if fresh:
        say("making", f"the data and {FILE_NAME} in {place}")
        USE_CASES[name].write(place, rows, 7)
    workspace = Workspace(place)
    person = person_journey(workspace) if fresh and workspace.project.data.subject_id else None
    with RunProgress() as progress:
        finish_erasures(workspace, progress)
        results, published = run_pipeline(workspace, progress)
    answer = run_answer(results, published, progress.reused)
    if published is None:
        return answer
    drill = _drill(workspace)
    told = {**answer.data, "person": person.to_json() if person else None, "prediction": _told(drill)}
    shown = partial(_show, answer=answer, drill=drill, person=person)
    return Answer({**told, "report": str(drill.report)}, shown, answer.code)


def _drill(workspace: Workspace) -> Drill:
    """Serve the latest release on loopback, ask for one prediction, verify its receipt, and stop."""
    key, grant = workspace.administration.grant_anyone("demo", Narrowing(scopes=(Action.PREDICT,), lifetime=ONE_HOUR))
    try:
        with _serving(workspace) as (port, serving):
            answer = infer(port, serving.certificate, serving.served.name, key, example_request_of(workspace))
    finally:
        workspace.administration.withdraw(grant.key)
    receipt = workspace.folder / RECEIPT_FILE
    receipt.write_text(answer["parameters"].pop("receipt"), encoding="utf-8")
    verification = verify_path(receipt, workspace.keys.ring())
    return Drill(answer, verification, receipt, write_report(workspace, workspace.folder / "report.html"))


@contextmanager
def _serving(workspace: Workspace) -> Iterator[tuple[int, Serving]]:
    """Serve the latest release on a free port until the end of the block."""
    with ExitStack() as bound:
        sockets = [bound.enter_context(one) for one in listen(LOOPBACK, 0)]
        serving = prepare_serving(workspace, None, Address(LOOPBACK, port_of(sockets)))
        with _running(serving.server, sockets):
            yield port_of(sockets), serving


@contextmanager
def _running(server: uvicorn.Server, sockets: list[socket.socket]) -> Iterator[None]:
    """Run the server in a thread, and stop it at the end."""
    thread = threading.Thread(target=server.run, args=(sockets,), name="gateway")
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                raise SecmlopsError("the gateway did not start")
            time.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _told(drill: Drill) -> dict[str, Json]:
    return {"answer": drill.answer, "receipt": drill.verification.to_json(), "file": str(drill.receipt)}


def _show(screen: Console, answer: Answer, drill: Drill, person: PersonJourney | None) -> None:
    answer.show(screen)
    if person:
        person.show(screen)
    outputs = {tensor["name"]: tensor["data"] for tensor in drill.answer["outputs"]}
    given = ", ".join(f"{name} {_brief(values)}" for name, values in outputs.items())
    holds = "✓ verified offline" if drill.verification.ok else "✗ NOT VERIFIED"
    screen.print(f"  served   over TLS: {given}", soft_wrap=True)
    screen.print(f"  receipt  {holds}: {drill.receipt}", soft_wrap=True)
    screen.print(f"  report   {drill.report}", soft_wrap=True)


def _brief(values: Sequence[object]) -> str:
    return "[" + " ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in values) + "]"
