"""Where a data set, a model or a release came from, and what was made of it: read from signed evidence, by digest.

A path says where bytes lay, a digest says which bytes: so the lineage holds no path, and nobody can put other bytes in
their place.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError
from secmlops.core.evidence import Evidence, Outcome
from secmlops.core.policy import Attested
from secmlops.core.subject import SubjectKind

_SHORTEST_PREFIX = 6
_GATE = "gate."
_SUBJECTS = (SubjectKind.DATASET, SubjectKind.FEATURE_VIEW, SubjectKind.MODEL, SubjectKind.RELEASE)


@dataclass(frozen=True, slots=True)
class Derivation:
    """One control at work: what it read and what it made, by digest.

    ``index`` is its place in the ledger. ``outputs`` gives the name of each product. ``settings`` are digests of what
    else the result depends on. What made nothing has looked at its inputs.
    """

    index: int
    control: str
    at: datetime
    seconds: float
    outcome: Outcome
    inputs: tuple[Digest, ...]
    outputs: Mapping[Digest, str]
    settings: Mapping[str, Digest]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Everything a ledger knows: its derivations in order, what each digest was called, and which are subjects.

    Of the names the role in the project comes first (source, protected, model), then others by age. ``subjects`` are
    data sets, models and releases, ``models`` those among them; everything else was made beside them.
    """

    derivations: tuple[Derivation, ...]
    names: Mapping[Digest, tuple[str, ...]]
    subjects: frozenset[Digest]
    models: frozenset[Digest] = frozenset()

    def find(self, name: str) -> Digest:
        """Digest of the latest thing called ``name``, or whose digest begins with it (six hex digits or more).

        Raises InputError when there is none, or a beginning fits several.
        """
        called = [digest for digest, names in self.names.items() if name in names]
        if called:
            return called[-1]
        begun = name.removeprefix("sha256:")
        fitting = [d for d in self.names if len(begun) >= _SHORTEST_PREFIX and d.hex.startswith(begun)]
        if len(fitting) > 1:
            raise InputError(f"{len(fitting)} digests begin with {begun[:64]}", hint="write more of it")
        if not fitting:
            known = ", ".join(sorted({one for names in self.names.values() for one in names})[:20])
            raise InputError(f"the ledger knows nothing called {name[:80]!r}", hint=f"known: {known or 'nothing'}")
        return fitting[0]

    def upstream(self, digest: Digest) -> tuple[Derivation, ...]:
        """Derivations that ``digest`` came from, directly or through others, in the order of the ledger."""
        makers = [(d, frozenset(d.outputs), frozenset(d.inputs)) for d in self.derivations if d.outputs]
        return _reached(digest, makers)

    def downstream(self, digest: Digest) -> tuple[Derivation, ...]:
        """Derivations that made something of ``digest``, directly or through others, in the order of the ledger."""
        makers = [(d, frozenset(d.inputs), frozenset(d.outputs)) for d in self.derivations if d.outputs]
        return _reached(digest, makers)

    def examined(self, digest: Digest) -> tuple[Derivation, ...]:
        """Derivations that looked at ``digest`` and made nothing, in the order of the ledger."""
        return tuple(d for d in self.derivations if digest in d.inputs and not d.outputs)


def lineage_of(evidence: Iterable[Attested]) -> Lineage:
    """Lineage by the evidence that counts; of the same work done again the latest is kept."""
    told = [a for a in evidence if a.roles]
    names = _names(a.evidence for a in told)
    latest: dict[tuple[object, ...], Derivation] = {}
    for attested in told:
        if attested.evidence.control.id.startswith(_GATE):
            continue
        derivation = _derivation(attested, names)
        key = (derivation.control, derivation.inputs, tuple(derivation.outputs))
        latest.pop(key, None)
        latest[key] = derivation
    subjects = frozenset(a.evidence.subject.digest for a in told if a.evidence.subject.kind in _SUBJECTS)
    models = frozenset(a.evidence.subject.digest for a in told if a.evidence.subject.kind is SubjectKind.MODEL)
    return Lineage(tuple(latest.values()), {d: tuple(called) for d, called in names.items()}, subjects, models)


def _names(evidence: Iterable[Evidence]) -> dict[Digest, list[str]]:
    """Return what each digest was called, the latest digest last: its role, the product it is, the subject's name."""
    names: dict[Digest, list[str]] = {}
    for one in evidence:
        for digest, name in (*_made(one).items(), (one.subject.digest, one.subject.name)):
            called = names.pop(digest, [])
            names[digest] = called if name in called else [*called, name]
        for role, digest in one.materials.items() if one.control.id.startswith(_GATE) else ():
            if digest in names:
                names[digest] = [role, *(name for name in names[digest] if name != role)]
    return names


def _made(evidence: Evidence) -> dict[Digest, str]:
    made = {digest: name for name, digest in evidence.products.items()}
    if evidence.subject.kind is SubjectKind.RELEASE and "verdict" in evidence.materials:
        made[evidence.subject.digest] = str(SubjectKind.RELEASE)
    return made


def _derivation(attested: Attested, names: Mapping[Digest, list[str]]) -> Derivation:
    evidence = attested.evidence
    outputs = _made(evidence)
    read = {"": evidence.subject.digest, **evidence.materials}
    inputs = dict.fromkeys(d for d in read.values() if d in names and d not in outputs)
    settings = {name: digest for name, digest in evidence.materials.items() if digest not in names}
    return Derivation(
        index=attested.index,
        control=evidence.control.id,
        at=evidence.at,
        seconds=evidence.price.wall_s,
        outcome=evidence.outcome,
        inputs=tuple(inputs),
        outputs=outputs,
        settings=settings,
    )


def _reached(
    digest: Digest, makers: list[tuple[Derivation, frozenset[Digest], frozenset[Digest]]]
) -> tuple[Derivation, ...]:
    """Derivations met on the way from ``digest``: each leads from its first set of digests to its second one."""
    reached, found = {digest}, dict[int, Derivation]()
    grown = True
    while grown:
        grown = False
        for derivation, here, there in makers:
            if derivation.index not in found and here & reached:
                found[derivation.index] = derivation
                reached |= there
                grown = True
    return tuple(found[index] for index in sorted(found))
