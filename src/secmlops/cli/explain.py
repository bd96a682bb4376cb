"""``secmlops explain``: what moves a model's answers, overall and for one row, and what would have changed them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec
import numpy as np
from rich.console import Console

from secmlops.cli.answer import Answer
from secmlops.cli.screen import table
from secmlops.cli.verb import answering, folder_option
from secmlops.core.errors import InputError
from secmlops.core.json import Json
from secmlops.core.task import Task
from secmlops.data.reading import read_table
from secmlops.explain.counterfactual import Change, Search, Wish, wish_for_amount, wish_for_class
from secmlops.gateway.loading import load
from secmlops.gateway.served import Served
from secmlops.lifecycle.journey import Journey
from secmlops.lifecycle.survey import survey
from secmlops.pipeline import Silence, journey_of
from secmlops.runtime.signature import Inputs
from secmlops.serving.explanation import explained
from secmlops.workspace import Workspace

CONTROL, PRODUCT = "assurance.explain", "importance"
EPILOG = """\b
For example:
  secmlops explain
  secmlops explain loans-1 --row 12
  secmlops explain --data applicants.csv --row 12
  secmlops explain --data applicants.csv --row 12 --otherwise --fixed sex --up age
"""


@click.command("explain", epilog=EPILOG)
@click.argument("release", required=False)
@click.option("--data", type=click.Path(path_type=Path, dir_okay=False), help="A table with the model's features.")
@click.option(
    "--row",
    type=click.IntRange(min=1),
    help="Number of its row, the first is 1; without --data, of the rows kept back.",
)
@click.option("--values", help="The row itself, as a JSON object.")
@click.option("--otherwise", is_flag=True, help="Say what would have had to be different for another decision.")
@click.option("--fixed", multiple=True, metavar="FEATURE", help="With --otherwise: what cannot change.")
@click.option("--up", multiple=True, metavar="FEATURE", help="With --otherwise: what can only grow.")
@click.option("--down", multiple=True, metavar="FEATURE", help="With --otherwise: what can only shrink.")
@folder_option
@answering
def command(
    release: str | None,
    data: Path | None,
    row: int | None,
    values: str | None,
    otherwise: bool,
    fixed: tuple[str, ...],
    up: tuple[str, ...],
    down: tuple[str, ...],
    folder: Path,
) -> Answer:
    """Say which features move the model's answers most; with a row, what moved this answer, and in words why.

    RELEASE is the latest unless one is named; it is verified first. Nothing is recorded.
    """
    workspace = Workspace(folder)
    named = data is not None or row is not None or values is not None
    if not named:
        if otherwise:
            raise InputError("--otherwise is about one row", hint="give --row N, with --data TABLE, or --values JSON")
        return _importance(workspace, release)
    served = load(workspace, workspace.release(release))
    if served.explainer is None:
        raise InputError("the release has no explainer", hint="run the project again: assurance.explain makes one")
    if row is not None and data is None and values is None:
        inputs = _kept_back(workspace, release, row)
    else:
        inputs = _row(served, data, row, values)
    (told,) = explained(served.explainer, served.predictor, served.signature, inputs)
    answer: dict[str, Json] = {"model": served.name, "version": served.version, "explanation": told}
    if otherwise:
        rules = dict.fromkeys(fixed, Change.FIXED) | dict.fromkeys(up, Change.UP) | dict.fromkeys(down, Change.DOWN)
        answer["otherwise"] = _otherwise(served, inputs, rules)
    return Answer(answer, lambda screen: _show(screen, answer))


def _journey(workspace: Workspace, release: str | None) -> Journey:
    """What the project holds now; raises InputError unless that is about the model of the named ``release``."""
    model = workspace.release(release).manifest.model if release else None
    journey = journey_of(workspace, Silence())
    survey(journey)  # takes in the evidence that holds
    if model and (journey.model is None or journey.model.digest != model):
        hint = "explain a single answer of it with --data TABLE --row N, or leave its name out"
        raise InputError("this release is of another model than the project has now", where=release or "", hint=hint)
    return journey


def _importance(workspace: Workspace, release: str | None) -> Answer:
    journey = _journey(workspace, release)
    held = journey.evidence.get(CONTROL)
    if held is None or PRODUCT not in held.products:
        raise InputError("no model has been explained yet", hint="secmlops run")
    told = msgspec.json.decode(journey.product(CONTROL, PRODUCT))
    return Answer(told, lambda screen: _show_importance(screen, told))


def _kept_back(workspace: Workspace, release: str | None, row: int) -> Inputs:
    """One of the rows that the model never saw, as its project prepared them."""
    name = release or workspace.release(None).manifest.folder
    inputs = _journey(workspace, name).prepared.holdout.inputs
    if row > len(inputs):
        raise InputError(f"there is no row {row}: {len(inputs)} were kept back", where=name)
    return inputs.take(np.array([row - 1]))


def _row(served: Served, data: Path | None, row: int | None, values: str | None) -> Inputs:
    """The one row that was named, ready for the model."""
    if values is not None:
        if data is not None or row is not None:
            raise InputError("--values is the row itself: --data and --row name another")
        return served.signature.encode({name: [one] for name, one in _decoded(values).items()})
    if data is None or row is None:
        raise InputError("a row is named by its table and its number", hint="give --data TABLE --row N")
    try:
        content = data.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(data)) from None
    read = read_table(content, data.name).table
    if row > read.num_rows:
        raise InputError(f"there is no row {row}: the table has {read.num_rows}", where=str(data))
    one = read.slice(row - 1, 1)
    return served.signature.encode({name: one[name].to_pylist() for name in one.column_names})


def _decoded(values: str) -> Mapping[str, Any]:
    try:
        return msgspec.json.decode(values, type=dict[str, str | int | float | bool | None])
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError) as error:
        hint = """for example --values '{"income": 2000, "purpose": "car"}'"""
        raise InputError(f"not a JSON object of values: {error}", where="--values", hint=hint) from None


def _otherwise(served: Served, inputs: Inputs, rules: Mapping[str, Change]) -> list[Json]:
    search = Search(served.predictor, served.signature, rules)
    return [
        {
            "changes": [
                {"feature": name, "before": _plain(before), "after": after}
                for name, (before, after) in one.changes.items()
            ],
            "answer": [float(value) for value in one.answer],
            "cost": one.cost,
        }
        for wish in _wishes(served, inputs)
        for one in search.find(inputs, wish)
    ]


def _wishes(served: Served, inputs: Inputs) -> list[Wish]:
    """Every class but the one that was decided; of a quantity, an answer above it or below by a tenth."""
    answer = served.predictor.predict(inputs)
    if served.signature.task is not Task.REGRESSION:
        decided = int(wish_for_class(1)(answer)[0] > 0) if answer.shape[1] == 2 else int(answer.argmax())
        return [wish_for_class(other) for other in range(answer.shape[1]) if other != decided]
    amount = float(answer[0, 0])
    return [wish_for_amount(amount + share * abs(amount), above) for share, above in ((0.1, True), (-0.1, False))]


def _plain(value: float | str) -> float | str | None:
    """What JSON can say: a missing number is null."""
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  # NaN is not itself


def _show_importance(screen: Console, told: Mapping[str, Any]) -> None:
    rows = table("feature", "mean contribution", f"{told.get('metric', 'score')} lost when shuffled")
    for one in told["features"]:
        lost = one.get("shuffled_loss")
        rows.add_row(one["feature"], f"{one['mean_contribution']:.4f}", "" if lost is None else f"{lost:+.4f}")
    screen.print(f"on the scale of {told['scale'].replace('-', ' ')}, {_METHODS[told['method']]}")
    screen.print(rows)


_METHODS = {"linear": "exact (linear)", "trees": "exact (trees)", "sampled": "sampled"}


def _show(screen: Console, answer: Mapping[str, Any]) -> None:
    told = answer["explanation"]
    screen.print(f"{answer['model']} {answer['version']} decided: {told['decided']}")
    for head, phrases in (("because of", told["reasons"]), ("against it spoke", told["against"])):
        if phrases:
            screen.print(f"{head}: {'; '.join(phrases)}", soft_wrap=True)
    rows = table("feature", "value", "contribution")
    for one in told["contributions"]:
        rows.add_row(one["feature"], _words(one["value"]), f"{one['contribution']:+.4f}")
    screen.print(rows)
    if "otherwise" in answer:
        _show_otherwise(screen, answer["otherwise"])


def _show_otherwise(screen: Console, found: list[Mapping[str, Any]]) -> None:
    if not found:
        screen.print("no change of up to three features that may change leads to another decision")
        return
    screen.print("it would have been decided otherwise with any of:")
    for one in found:
        changes = (f"{c['feature']} {_words(c['before'])} → {_words(c['after'])}" for c in one["changes"])
        screen.print(f"  {', '.join(changes)}", soft_wrap=True)


def _words(value: float | str | None) -> str:
    if value is None:
        return "missing"
    return value or "missing" if isinstance(value, str) else f"{value:.6g}"
