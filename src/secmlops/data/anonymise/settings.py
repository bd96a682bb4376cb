"""How a project file asks for anonymisation, and the demand that it makes."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from secmlops.core.errors import InputError
from secmlops.data.anonymise.demand import BuiltIn, Demand, QuasiIdentifier, Representation, Sensitive
from secmlops.data.anonymise.hierarchy import Hierarchy, Nested
from secmlops.data.anonymise.privacy import (
    Closeness,
    DistinctDiversity,
    EntropyDiversity,
    Ground,
    Model,
    RecursiveDiversity,
)


class QuasiSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One column by which a person could be known."""

    hierarchy: Annotated[
        Literal["age", "postcode", "date"] | None, Meta(description="a hierarchy made from the values")
    ] = None
    groups: Annotated[dict[str, Any], Meta(description="a hierarchy of your own: groups of groups or of values")] = {}
    weight: Annotated[float, Meta(gt=0, description="how dear its detail is, beside the others")] = 1.0


class SensitiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must hold for the values of one sensitive column in every class."""

    distinct_l: Annotated[int | None, Meta(description="least number of different values")] = None
    entropy_l: Annotated[float | None, Meta(description="least effective number of values, by their entropy")] = None
    recursive: Annotated[
        tuple[float, int] | None, Meta(description="c and l: the commonest is rarer than c times the l-th and rarer")
    ] = None
    t: Annotated[float | None, Meta(description="largest distance from the whole table, 0 to 1")] = None
    distance: Annotated[Ground, Meta(description="how far apart two values are")] = Ground.EQUAL
    groups: Annotated[dict[str, Any], Meta(description="a hierarchy of the values, for the distance by it")] = {}


class AnonymiseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """k-anonymity and what goes beyond it, for the table that is learnt from."""

    quasi_identifiers: Annotated[dict[str, QuasiSettings], Meta(description="columns by which one may be known")]
    k: Annotated[int, Meta(ge=2, description="least rows that nobody can tell apart")] = 10
    sensitive: Annotated[dict[str, SensitiveSettings], Meta(description="columns nobody may learn of a person")] = {}
    suppress: Annotated[float, Meta(ge=0, le=0.5, description="largest share of rows that may be left out")] = 0.0
    label_weight: Annotated[float, Meta(ge=0, le=1, description="how far what tells of the label is spared")] = 0.25
    sampling: Annotated[float, Meta(gt=0, le=1, description="share of the population that the table holds")] = 1.0
    presence: Annotated[
        str | None, Meta(description="column that is true for the rows of the data set: the rest is public")
    ] = None
    delta: Annotated[
        tuple[float, float], Meta(description="bounds of delta-presence: share of a class's rows in the data set")
    ] = (0.0, 1.0)
    keep: Annotated[Representation, Meta(description="what stands for a class")] = Representation.CENTRE


def demand_of(settings: AnonymiseSettings, label: str | None) -> Demand:
    """The demand that ``settings`` make of a table with the label ``label``; raises InputError if they contradict."""
    return Demand(
        quasi_identifiers=tuple(_quasi(name, s) for name, s in settings.quasi_identifiers.items()),
        k=settings.k,
        sensitive=tuple(_sensitive(name, s) for name, s in settings.sensitive.items()),
        suppress=settings.suppress,
        presence=settings.presence,
        delta=settings.delta,
        label=label,
        label_weight=settings.label_weight,
        sampling=settings.sampling,
        representation=settings.keep,
    )


def _quasi(name: str, settings: QuasiSettings) -> QuasiIdentifier:
    if settings.hierarchy is not None and settings.groups:
        told = "it has a built-in hierarchy and groups of its own"
        raise InputError(told, where=f"quasi-identifier {name!r}", hint="leave one of them out")
    built_in = BuiltIn(settings.hierarchy) if settings.hierarchy is not None else None
    return QuasiIdentifier(name, _hierarchy(settings.groups, name) or built_in, settings.weight)


def _sensitive(name: str, settings: SensitiveSettings) -> Sensitive:
    models: list[Model] = []
    if settings.distinct_l is not None:
        models.append(DistinctDiversity(settings.distinct_l))
    if settings.entropy_l is not None:
        models.append(EntropyDiversity(settings.entropy_l))
    if settings.recursive is not None:
        models.append(RecursiveDiversity(*settings.recursive))
    if settings.t is not None:
        models.append(Closeness(settings.t, settings.distance))
    if not models:
        told = "nothing is asked for"
        hint = "give distinct_l, entropy_l, recursive or t"
        raise InputError(told, where=f"sensitive column {name!r}", hint=hint)
    return Sensitive(name, tuple(models), _hierarchy(settings.groups, name))


def _hierarchy(groups: dict[str, Any], column: str) -> Hierarchy | None:
    where = f"hierarchy of {column!r}"
    return Hierarchy.from_nested(_nested(groups, where), where) if groups else None


def _nested(groups: object, where: str) -> Nested:
    """Groups as a file writes them, values as text; raises InputError for what is neither groups nor values."""
    if isinstance(groups, dict):
        return {str(name): _nested(inner, where) for name, inner in groups.items()}
    if isinstance(groups, list) and not any(isinstance(value, dict | list | None) for value in groups):
        return [str(value).lower() if isinstance(value, bool) else str(value) for value in groups]
    raise InputError("a group holds neither groups nor values", where=where, hint="write NAME: [VALUE, VALUE]")
