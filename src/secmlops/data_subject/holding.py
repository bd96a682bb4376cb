"""What a project holds on a person: in which tables, what was made of them, and which models learnt from it."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, SecmlopsError
from secmlops.data.discovery.control import KEEP
from secmlops.data.formats.delimited import read_delimited
from secmlops.data.formats.parquet import read_parquet
from secmlops.data.formats.text import to_utf8
from secmlops.data.governance.lineage import Lineage, lineage_of
from secmlops.data.protection.control import Protect
from secmlops.data.protection.reversal_keys import ReversalKeys
from secmlops.data.reading import MINIMUM_ROWS, read_table
from secmlops.data.sources.folder import folder_parts
from secmlops.data_subject.elsewhere import rows_elsewhere
from secmlops.data_subject.past import TRAINING, PastModel, past_models
from secmlops.data_subject.person import Commitments, Disguises
from secmlops.datasets import column_store_of
from secmlops.lifecycle.journey import SOURCE
from secmlops.lifecycle.registry import configure
from secmlops.lifecycle.releases import publications
from secmlops.lifecycle.sealed import product_kind
from secmlops.lifecycle.sources import read_source
from secmlops.project.load import FILE_NAME
from secmlops.release.names import MODEL_FILE
from secmlops.workspace import Workspace


@dataclass(frozen=True, slots=True)
class HeldRows:
    """``rows`` of a person in a table. ``place`` says where it lies: file, vault or columns (by column, protected)."""

    place: str
    name: str
    digest: Digest
    rows: int


@dataclass(frozen=True, slots=True)
class HeldModel:
    """A model that was made of a table with the person in it.

    ``learnt`` of their rows were among those that it was fitted on, None where that cannot be told; the others judged
    it.
    """

    past: PastModel
    learnt: int | None


@dataclass(frozen=True, slots=True)
class Holding:
    """Everything held on the person with this commitment.

    ``sources`` are the tables as they were delivered, ``protected`` what the project made of them; ``derived`` other
    things made of tables with the person in them that are still there. ``unread`` tables could not be searched.
    ``elsewhere`` counts their rows in a source that is no file of the project.
    """

    person: Digest
    sources: tuple[HeldRows, ...]
    protected: tuple[HeldRows, ...]
    derived: tuple[Digest, ...]
    models: tuple[HeldModel, ...]
    releases: tuple[str, ...]
    unread: tuple[str, ...] = ()
    withdrawn: bool = False
    records: tuple[int, ...] = field(default=())
    elsewhere: int = 0

    @property
    def nothing(self) -> bool:
        """Whether no table that could be read has a row of the person."""
        return not (self.sources or self.protected or self.elsewhere)

    @property
    def files(self) -> tuple[HeldRows, ...]:
        """The tables that lie as files in the project's folder."""
        return tuple(held for held in self.sources if held.place == "file")

    @property
    def stored(self) -> tuple[Digest, ...]:
        """Digests of the source tables in the vault."""
        return tuple(held.digest for held in self.sources if held.place == "vault")


def commitments_of(workspace: Workspace) -> Commitments:
    """The commitments that this project names persons by."""
    return Commitments(workspace.keys.mac_key(f"data subjects {workspace.identity}"))


def subject_column(workspace: Workspace) -> str:
    """Column that says whom a row is about; raises InputError when the project file names none."""
    column = workspace.project.data.subject_id
    if column is None:
        hint = "name the column in data.subject_id"
        raise InputError("nothing says whom a row is about", where=str(workspace.folder / FILE_NAME), hint=hint)
    return column


def table_files(workspace: Workspace) -> tuple[str, ...]:
    """Files of the project's folder that hold tables and are there: the source, and the sample of production.

    Of a folder of Parquet, the files in it.
    """
    data = workspace.project.data
    named = dict.fromkeys(name for name in (data.source, data.serving) if name is not None)
    return tuple(file for name in named for file in _files_of(workspace.folder, name))


def table_of(data: bytes, name: str) -> pa.Table:
    """Table of the bytes of a file; it may have few rows, one file of a folder of Parquet none."""
    if data[:4] == b"PAR1":
        return read_parquet(data, name)
    try:
        return read_table(data, name).table
    except InputError:
        texts = read_delimited(to_utf8(data, name)[0], name).table
        if texts.num_rows >= MINIMUM_ROWS:
            raise
        return texts


def _files_of(folder: Path, name: str) -> list[str]:
    if (folder / name).is_dir():
        return [f"{name}/{part.name}" for part in folder_parts(folder / name)]
    return [name] if (folder / name).is_file() else []


def stored_sources(workspace: Workspace) -> tuple[Digest, ...]:
    """Digests of the tables that the vault holds as they were delivered."""
    return tuple(address.digest for address in workspace.vault.list() if address.kind == SOURCE)


def find_person(workspace: Workspace, name: str) -> Holding:
    """Look for a person by the value of ``data.subject_id``. Raises InputError when the project names no such column.

    Tables are searched in clear in memory only; a protected table by the keyed pseudonym, and no column but that of the
    identifiers is opened.
    """
    subject_column(workspace)
    return _Search(workspace, name).holding()


def _made_of(sources: Iterable[Digest], lineage: Lineage) -> dict[Digest, None]:
    return dict.fromkeys(d for source in sources for one in lineage.downstream(source) for d in one.outputs)


class _Search:
    """One search for one person."""

    def __init__(self, workspace: Workspace, name: str) -> None:
        self._workspace = workspace
        self._name = name
        self._commitments = commitments_of(workspace)
        self._person = self._commitments.of(name)
        self._column = subject_column(workspace)
        self._unread: list[str] = []

    def holding(self) -> Holding:
        evidence = list(self._workspace.book.all())
        lineage = lineage_of(evidence)
        sources = (*self._files(), *self._stored())
        stored = {held.digest for held in sources if held.place == "vault"}
        covered = _made_of(stored_sources(self._workspace), lineage)
        called = (a.evidence.subject.name for a in evidence if a.evidence.control.id == Protect.id)
        protected = tuple(self._protected(covered, called))
        theirs = {*stored, *(held.digest for held in protected)}
        pasts = past_models(evidence)
        models = tuple(self._model(p) for p in pasts if theirs & {p.source, p.protected})
        self._unread += [f"what model {model.short} learnt from" for model in self._orphans(pasts)]
        made = {held.past.model for held in models}
        return Holding(
            person=self._person,
            sources=sources,
            protected=protected,
            derived=tuple(self._derived(theirs, lineage)),
            models=models,
            releases=tuple(
                p.folder for p in publications(self._workspace.book, self._workspace.project.name) if p.model in made
            ),
            elsewhere=self._elsewhere(),
            unread=tuple(self._unread),
            withdrawn=self._is_withdrawn(),
            records=tuple(a.index for a in evidence if self._person in a.evidence.materials.values()),
        )

    def _files(self) -> Iterator[HeldRows]:
        for name in table_files(self._workspace):
            yield from self._table("file", name, read_source(self._workspace.folder, name))

    def _elsewhere(self) -> int:
        try:
            return rows_elsewhere(self._workspace, self._column, self._commitments, self._person)
        except InputError:
            self._unread.append(f"source {self._workspace.project.data.source}")
            return 0

    def _stored(self) -> Iterator[HeldRows]:
        vault = self._workspace.vault
        for digest in stored_sources(self._workspace):
            yield from self._table("vault", digest.short, vault.read(digest, SOURCE))

    def _table(self, place: str, name: str, data: bytes) -> Iterator[HeldRows]:
        """Rows of the person in a table; a table that cannot be searched is remembered as such."""
        try:
            table = table_of(data, name)
        except InputError:
            self._unread.append(f"{place} {name}")
            return
        if self._column not in table.column_names:
            self._unread.append(f"{place} {name}")
            return
        count = int(self._commitments.rows(table[self._column], self._person).sum())
        if count:
            yield HeldRows(place, name, Digest.of(data), count)

    def _protected(self, covered: Container[Digest], sources: Iterable[str]) -> Iterator[HeldRows]:
        """Rows of the person in protected tables; where nobody is told apart, the source answers, if it ``covered`` it.

        What was protected in parts, or by a run that was killed, has no source in the vault. Pseudonyms go by the name
        that the source had: ``sources`` are those it had before, too.
        """
        store, project = column_store_of(self._workspace), self._workspace.project
        control = configure(Protect.id, project.controls.get(Protect.id, {}))
        if not isinstance(control, Protect):
            return
        key = self._workspace.keys.mac_key(f"pseudonyms {self._workspace.identity}")
        disguises = Disguises(key, control, ReversalKeys(self._workspace.vault).held)
        called = dict.fromkeys((project.data.source, *sources))
        forms = [disguises.of(self._name, name, self._column) for name in called]
        told_apart = project.data.protect.get(self._column, KEEP) in forms[0]
        texts = pa.array(sorted({text for one in forms for text in one.values()}))
        for digest in store.list():
            if not (told_apart and store.columns(digest).get(self._column)):
                if digest not in covered:
                    self._unread.append(f"columns {digest.short}")
            else:
                column = store.read(digest, [self._column])[self._column].cast(pa.string())
                theirs = pc.is_in(column, texts)
                count = int(np.count_nonzero(np.asarray(theirs, bool)))
                if count:
                    yield HeldRows("columns", digest.short, digest, count)

    def _derived(self, sources: set[Digest], lineage: Lineage) -> Iterator[Digest]:
        """What was made of the sources and is still in the vault, the models and what was made of them included."""
        there = {address.digest for address in self._workspace.vault.list()}
        yield from (digest for digest in _made_of(sources, lineage) if digest in there)

    def _model(self, past: PastModel) -> HeldModel:
        try:
            rows = past.learnt_rows(past.journey(self._workspace), self._commitments, self._person)
        except SecmlopsError:
            rows = None
        return HeldModel(past, None if rows is None else int(rows.sum()))

    def _orphans(self, pasts: Sequence[PastModel]) -> Iterator[Digest]:
        """Models that are there, and none of the tables they were made of: those went when their time was over."""
        vault, kind = self._workspace.vault, product_kind(TRAINING, MODEL_FILE)
        known = {past.model for past in pasts if vault.has(past.source, SOURCE)}
        there = dict.fromkeys(past.model for past in pasts if past.model not in known)
        yield from (model for model in there if vault.has(model, kind))

    def _is_withdrawn(self) -> bool:
        governance = self._workspace.project.data.governance
        listed = governance.consent.withdrawn if governance and governance.consent else None
        if listed is None or not Path(self._workspace.folder / listed).is_file():
            return False
        lines = read_source(self._workspace.folder, listed).decode("utf-8-sig", errors="replace").splitlines()
        return any(line.strip() and self._commitments.of(line) == self._person for line in lines)
