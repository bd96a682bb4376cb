"""The shape of secmlops.yaml: every key, its type, its default and what it means."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from secmlops.core.task import Task
from secmlops.data.anonymise.settings import AnonymiseSettings
from secmlops.data.governance.settings import GovernanceRecord
from secmlops.data.protection.actions import Action
from secmlops.serving.settings import ServingSettings
from secmlops.training.compress.settings import CompressSettings
from secmlops.training.private.settings import PrivateTraining
from secmlops.training.recalibration.settings import Recalibration
from secmlops.training.robust.settings import RobustSettings

Scalar = str | int | float | bool


class BuiltInModel(StrEnum):
    """The models that come with the tool."""

    LOGISTIC_REGRESSION = "logistic_regression"
    LINEAR_REGRESSION = "linear_regression"
    RANDOM_FOREST = "random_forest"
    GRADIENT_BOOSTING = "gradient_boosting"
    NEURAL_NETWORK = "neural_network"


class Data(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table the model learns from."""

    source: Annotated[
        str, Meta(description="file or folder of Parquet below the project's folder, or s3://... or postgresql://...")
    ]
    label: Annotated[str, Meta(description="the column to predict")]
    query: Annotated[str | None, Meta(description="SQL to read from a postgresql:// source instead of a table")] = None
    positive: Annotated[Scalar | None, Meta(description="the label value that is the event (binary tasks)")] = None
    subject_id: Annotated[str | None, Meta(description="the column that names the person or machine, if any")] = None
    sensitive: Annotated[tuple[str, ...], Meta(description="columns whose groups assurance.fairness compares")] = ()
    protect: Annotated[dict[str, Action], Meta(description="per column: what is done before training")] = {}
    anonymise: Annotated[
        AnonymiseSettings | None, Meta(description="k-anonymity and beyond, for the table that is learnt from")
    ] = None
    groups: Annotated[
        tuple[str, ...], Meta(description="columns (machine, household) whose rows of one value stay on one side")
    ] = ()
    time: Annotated[str | None, Meta(description="the column with the moment at which a row's answer is due")] = None
    source_column: Annotated[
        str | None, Meta(description="the column (branch, supplier, file) that tells where a row came from")
    ] = None
    serving: Annotated[str | None, Meta(description="CSV or Parquet file of rows as production sends them")] = None
    governance: Annotated[
        GovernanceRecord | None, Meta(description="what may be done with the data, and who answers for them")
    ] = None


class Sandbox(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where training runs. Isolation that cannot be had fails the stage unless it is named in ``accept``."""

    network: Annotated[bool, Meta(description="whether training may use the network")] = False
    memory: Annotated[str, Meta(description="largest memory, for example 4 GiB")] = "4 GiB"
    time: Annotated[str, Meta(description="longest wall-clock time, for example 10 min")] = "10 min"
    accept: Annotated[
        tuple[str, ...], Meta(description="weaker isolation accepted by name, for example no-landlock")
    ] = ()


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model is made: a built-in model, or the user's own function."""

    purpose: Annotated[str | None, Meta(description="what for: one of the purposes in data.governance")] = None
    model: Annotated[BuiltInModel | None, Meta(description="a built-in model")] = None
    entry: Annotated[str | None, Meta(description="FILE.py:FUNCTION, called as fit(X, y, seed)")] = None
    frame: Annotated[Literal["arrow", "pandas"], Meta(description="the type of X that fit receives")] = "arrow"
    seed: Annotated[int, Meta(ge=0, lt=2**32, description="seed of everything random")] = 0
    references: Annotated[
        int, Meta(ge=0, le=32, multiple_of=2, description="models of halves, for the audit of membership alone")
    ] = 0
    sandbox: Sandbox = Sandbox()
    private: Annotated[
        PrivateTraining | None, Meta(description="what the model may tell of a row at most: differential privacy")
    ] = None
    recalibrate: Annotated[Recalibration | None, Meta(description="map that makes probabilities come true")] = None
    reweigh: Annotated[str | None, Meta(description="sensitive column whose groups are to be independent")] = None
    compress: Annotated[CompressSettings | None, Meta(description="how the model is made smaller")] = None
    robust: Annotated[RobustSettings | None, Meta(description="changes of rows that the model is to withstand")] = None


class Assurance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the model is judged."""

    holdout: Annotated[float, Meta(ge=0.05, le=0.5, description="share of rows kept from training")] = 0.25


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a release needs beyond its controls having passed."""

    require: Annotated[
        dict[str, Annotated[str, Meta(description='for example ">= 0.74"')]],
        Meta(description="measure: condition, for every measure that a release depends on"),
    ] = {}
    within: Annotated[str, Meta(description="how old evidence may be, for example 30 d")] = "30 d"
    advisories: Annotated[
        str | None, Meta(description="file of known vulnerabilities (OSV, as osv.dev exports them)")
    ] = None


class Project(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole project file."""

    secmlops: Annotated[Literal[1], Meta(description="version of this format")]
    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{0,63}$", description="lower case, digits, dots and dashes")]
    task: Task
    data: Data
    training: Training
    assurance: Assurance = Assurance()
    release: Release = Release()
    serving: ServingSettings = ServingSettings()
    controls: Annotated[
        dict[str, dict[str, Scalar | tuple[Scalar, ...] | dict[str, Scalar]]],
        Meta(description="settings of single controls, and plugin controls to run, by id"),
    ] = {}


def json_schema() -> bytes:
    """JSON Schema (2020-12) of the project file, so that editors can complete and check it."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Project)}
    return msgspec.json.format(msgspec.json.encode(schema), indent=2)
