"""``secmlops data lineage``: where something came from, and what was made of it, by the evidence in the ledger."""

import json
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from secmlops import __version__
from secmlops.cli.answer import Answer
from secmlops.cli.verb import answering, folder_option
from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Outcome
from secmlops.core.json import Json
from secmlops.core.visible import visible
from secmlops.data.governance.lineage import Derivation, Lineage, lineage_of
from secmlops.data.governance.openlineage import run_events
from secmlops.workspace import Workspace


@click.command("lineage")
@click.argument("name")
@click.option("--openlineage", type=click.Path(path_type=Path, dir_okay=False), help="Write the events to this file.")
@folder_option
@answering
def command(name: str, openlineage: Path | None, folder: Path) -> Answer:
    """Show where NAME came from, and what was made of it.

    NAME is source, protected, model, a product of a control, the folder name of a release, or the beginning of a
    digest. The file holds OpenLineage run events, one JSON object in each line.
    """
    workspace = Workspace(folder)
    lineage = lineage_of(workspace.book.all())
    digest = lineage.find(name)
    upstream, downstream = lineage.upstream(digest), lineage.downstream(digest)
    told = [*upstream, *lineage.examined(digest), *downstream]
    if openlineage is not None:
        _write(openlineage, run_events(told, workspace.origin, __version__))
    data: dict[str, Json] = {
        "digest": str(digest),
        "names": list(lineage.names[digest]),
        "upstream": [_json(d) for d in upstream],
        "examined": [_json(d) for d in lineage.examined(digest)],
        "downstream": [_json(d) for d in downstream],
        "file": str(openlineage) if openlineage else None,
    }
    return Answer(data, lambda screen: _show(screen, lineage, digest, openlineage))


def _write(path: Path, events: Iterable[Json]) -> None:
    try:
        path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _json(derivation: Derivation) -> dict[str, Json]:
    return {
        "entry": derivation.index,
        "control": derivation.control,
        "at": derivation.at.isoformat(),
        "outcome": str(derivation.outcome),
        "inputs": [str(digest) for digest in derivation.inputs],
        "outputs": {str(digest): name for digest, name in derivation.outputs.items()},
    }


def _show(screen: Console, lineage: Lineage, digest: Digest, file: Path | None) -> None:
    for title, up, nothing in (
        ("came from", True, "nothing that the ledger knows"),
        ("was made into", False, "nothing yet"),
    ):
        tree = Tree(_named(lineage, digest))
        _grow(tree, lineage, digest, {digest}, up=up)
        screen.print(Text(title, "bold"))
        screen.print(tree if tree.children else f"  {nothing}")
    looked = lineage.examined(digest)
    passed = sum(d.outcome is Outcome.PASSED for d in looked)
    screen.print(f"beside that {len(looked)} controls looked at it, and {passed} passed it")
    if file is not None:
        screen.print(f"OpenLineage events written to {file}", soft_wrap=True)


def _grow(branch: Tree, lineage: Lineage, digest: Digest, seen: set[Digest], *, up: bool) -> None:
    """Add the subjects that ``digest`` came from, or that were made of it, one control at a time and each once."""
    for derivation in lineage.derivations:
        here, there = (derivation.outputs, derivation.inputs) if up else (derivation.inputs, derivation.outputs)
        found = [other for other in there if other in lineage.subjects and other not in seen]
        if digest not in here or not derivation.outputs or not found:
            continue
        twig = branch.add(Text(f"{derivation.control}, {derivation.at:%F %T}, entry {derivation.index}", "dim"))
        for other in found:
            seen.add(other)
            _grow(twig.add(_named(lineage, other)), lineage, other, seen, up=up)


def _named(lineage: Lineage, digest: Digest) -> Text:
    return Text.assemble((visible(lineage.names[digest][0]), "bold"), f" {digest.short}")
