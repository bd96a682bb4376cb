"""One project on its way: what the stages hand on to each other, loaded from the vault when it is first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from secmlops.core.control import Control
from secmlops.core.digest import Digest
from secmlops.core.evidence import Evidence
from secmlops.core.subject import Subject, SubjectKind
from secmlops.data.anonymise.control import ANONYMISED, Anonymise
from secmlops.data.dataset import DataSet
from secmlops.data.governance.consent import Consented, consented, read_subjects
from secmlops.data.prepare import Prepared, prepare
from secmlops.data.reading import Reading, read_table
from secmlops.data.split import METHOD as SPLIT_METHOD
from secmlops.lifecycle.plan import planned_controls
from secmlops.lifecycle.retention import known_for
from secmlops.lifecycle.runner import Runner
from secmlops.lifecycle.sources import read_source
from secmlops.project.columns import missing_columns
from secmlops.project.load import FILE_NAME
from secmlops.project.problems import refuse
from secmlops.project.settings import Data, Project
from secmlops.project.units import parse_duration
from secmlops.release.names import OPTIONAL_FILES
from secmlops.runtime.predictor import Predictor
from secmlops.training.job import TrainingJob
from secmlops.trust.canonical import digest_of

SOURCE = "source"


@dataclass
class Journey:
    """The state of one run or survey. ``evidence`` holds what the steps brought so far, by control.

    ``afresh`` accepts data that differ from those before: they are profiled anew instead of compared. ``mending`` may
    hand a training job, which is to be done of these materials, the memory of an earlier model.
    """

    project: Project
    folder: Path
    runner: Runner
    identity: str
    afresh: bool = False
    mending: Callable[[TrainingJob, Mapping[str, Digest]], TrainingJob] | None = None
    evidence: dict[str, Evidence] = field(default_factory=dict)

    @cached_property
    def controls(self) -> dict[str, Control[Any]]:
        """The project's controls, by id; a stage may sharpen one's settings before it runs."""
        return dict(planned_controls(self.project, self.folder / FILE_NAME))

    @cached_property
    def design(self) -> Subject:
        """The project file, as a subject."""
        return Subject(SubjectKind.PROJECT, self.project.name, digest_of(msgspec.to_builtins(self.project)))

    @cached_property
    def source(self) -> bytes:
        """Bytes of the source table: the one time that the user's file, or whatever it is, is read."""
        return read_source(self.folder, self.project.data.source, query=self.project.data.query)

    @cached_property
    def raw(self) -> Subject:
        """The source table, as a subject."""
        return Subject(SubjectKind.DATASET, self.project.data.source, Digest.of(self.source))

    @property
    def protected(self) -> Subject | None:
        """The protected table, once there is one."""
        return self._made("data.protect", "protected", SubjectKind.DATASET, self._protected_name)

    @property
    def anonymised(self) -> Subject | None:
        """The anonymised table, once there is one."""
        return self._made(Anonymise.id, ANONYMISED, SubjectKind.DATASET, self._anonymised_name)

    @property
    def learnt(self) -> Subject | None:
        """The table that is learnt from: the anonymised one if the project asks for it, else the protected one."""
        return self.protected if self.project.data.anonymise is None else self.anonymised

    @property
    def model(self) -> Subject | None:
        """The model, once there is one."""
        return self._made("training.run", "model.onnx", SubjectKind.MODEL, self.project.name)

    @property
    def subjects(self) -> Mapping[str, Digest]:
        """Everything that this journey has come to, for a gate to judge."""
        known: dict[str, Subject | None] = {
            "project": self.design,
            "source": self.raw,
            "protected": self.protected,
            "anonymised": self.anonymised,
            "model": self.model,
        }
        return {name: subject.digest for name, subject in known.items() if subject}

    @property
    def subject(self) -> Subject:
        """What the journey is about at this point."""
        return self.model or self.anonymised or self.protected or self.raw

    @cached_property
    def raw_reading(self) -> Reading:
        """The source table and what was doubtful about it, read from the vault; what is overdue is not stored again."""
        if self.overdue:
            return read_table(self.source, self.project.data.source)
        digest = self.runner.vault.put(self.source, SOURCE)
        return read_table(self.runner.vault.read(digest, SOURCE), self.project.data.source)

    @cached_property
    def age(self) -> timedelta:
        """How long the ledger has known the source table."""
        return known_for(self.runner.book.all(), self.raw.digest, self.runner.clock())

    @property
    def overdue(self) -> bool:
        """Whether the source table is known for longer than it may be kept."""
        record = self.project.data.governance
        return record is not None and self.age > parse_duration(record.retention)

    @cached_property
    def withdrawn(self) -> frozenset[str]:
        """Subjects who withdrew their consent: the one time that their list is read."""
        consent = self.project.data.governance.consent if self.project.data.governance else None
        if consent is None or consent.withdrawn is None:
            return frozenset()
        return read_subjects(read_source(self.folder, consent.withdrawn), consent.withdrawn)

    @cached_property
    def advisories(self) -> bytes | None:
        """Bytes of the project's file of known vulnerabilities: the one time that it is read."""
        named = self.project.release.advisories
        return None if named is None else read_source(self.folder, named)

    @cached_property
    def consented(self) -> Consented:
        """Rows of the source table that may be learnt from."""
        data = self.project.data
        refuse(missing_columns(data, self.raw_reading.table.column_names), self.folder / FILE_NAME)
        consent = data.governance.consent if data.governance else None
        column = consent.column if consent else None
        return consented(self.raw_reading.table, column, data.subject_id, self.withdrawn)

    @cached_property
    def serving_sample(self) -> bytes | None:
        """Bytes of the sample of what production sends, if the project names one."""
        named = self.project.data.serving
        return None if named is None else read_source(self.folder, named)

    @cached_property
    def raw_dataset(self) -> DataSet:
        """The source table with the roles of its columns."""
        data = self.project.data
        return DataSet(
            name=data.source,
            table=self.consented.table,
            digest=self.raw.digest,
            task=self.project.task,
            label=data.label,
            positive=None if data.positive is None else _text_of(data.positive),
            subject_id=data.subject_id,
            sensitive=data.sensitive,
            protect={column: str(action) for column, action in data.protect.items()},
            groups=data.groups,
            time=data.time,
            source_column=data.source_column,
        )

    @cached_property
    def prepared(self) -> Prepared:
        """The table that is learnt from, split and encoded for a model."""
        return prepare(self.learnt_dataset, self.project.assurance.holdout, self.project.training.seed)

    @cached_property
    def protected_dataset(self) -> DataSet:
        """The protected table with the roles of the columns that are left."""
        return self._dataset("data.protect", "protected", self._protected_name)

    @cached_property
    def learnt_dataset(self) -> DataSet:
        """The table that is learnt from, with the roles of the columns that are left."""
        if self.project.data.anonymise is None:
            return self.protected_dataset
        return self._dataset(Anonymise.id, ANONYMISED, self._anonymised_name)

    @cached_property
    def predictor(self) -> Predictor:
        """The model, from its verified bytes."""
        return Predictor(self.product("training.run", "model.onnx"), self.prepared.signature, threads=2)

    @property
    def split_digest(self) -> Digest:
        """Digest of what decides how rows are divided into training and holdout."""
        settings = (self.project.assurance.holdout, self.project.training.seed, self.data_settings)
        return self.settings_digest(SPLIT_METHOD, *settings)

    @property
    def data_settings(self) -> Data:
        """The section ``data`` without what changes no row: who answers for them, and what production asks."""
        return msgspec.structs.replace(self.project.data, anonymise=None, governance=None, serving=None)

    def product(self, control: str, name: str) -> bytes:
        """Bytes of what a control of this journey made."""
        return self.runner.product(self.evidence[control], name)

    @property
    def optional_files(self) -> Mapping[str, Digest]:
        """Digests of what controls made to be released beside the model, by file name."""
        made = {
            name: self.evidence[control].products.get(product)
            for name, (control, product) in OPTIONAL_FILES.items()
            if control in self.evidence
        }
        return {name: digest for name, digest in made.items() if digest}

    def settings_digest(self, *sections: object) -> Digest:
        """Digest of parts of the project file that a result depends on."""
        return digest_of([msgspec.to_builtins(section) for section in sections])

    def _dataset(self, control: str, product: str, name: str) -> DataSet:
        evidence = self.evidence[control]
        return self.with_roles(self.runner.table(evidence, product), evidence.products[product], name)

    def with_roles(self, table: pa.Table, digest: Digest, name: str) -> DataSet:
        """``table``, of which ``digest`` is the digest, with the roles of the columns that are left."""
        data, left = self.project.data, set(table.column_names)
        return DataSet(
            name=name,
            table=table,
            digest=digest,
            task=self.project.task,
            label=data.label,
            positive=None if data.positive is None else _text_of(data.positive),
            subject_id=data.subject_id if data.subject_id in left else None,
            sensitive=tuple(column for column in data.sensitive if column in left),
            protect={column: str(action) for column, action in data.protect.items() if column in left},
            groups=tuple(column for column in data.groups if column in left),
            time=data.time if data.time in left else None,
            source_column=data.source_column if data.source_column in left else None,
        )

    @property
    def _anonymised_name(self) -> str:
        return f"{self.project.data.source} (anonymised)"

    @property
    def _protected_name(self) -> str:
        return f"{self.project.data.source} (protected)"

    def _made(self, control: str, product: str, kind: SubjectKind, name: str) -> Subject | None:
        evidence = self.evidence.get(control)
        if evidence is None or product not in evidence.products:
            return None
        return Subject(kind, name, evidence.products[product])


def _text_of(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
