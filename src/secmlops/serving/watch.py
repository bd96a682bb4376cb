"""The watch on clients while serving: who steals the model, who walks along its boundary, who guesses keys, who scans.

It keeps state of constant size for a bounded number of clients and says what it suspects and what the settings answer
to that; who carries the answer out is the gateway. An error bound stands behind the first two suspicions only
(``detect.clients.evidence``); guessing and scanning are counts over a limit.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from secmlops.access.keys import split
from secmlops.core.errors import VerificationError
from secmlops.detect.clients.alarm import Alarm, AlarmKind
from secmlops.detect.clients.answers import answers
from secmlops.detect.clients.attention import Attention
from secmlops.detect.clients.crowd import Crowd
from secmlops.detect.clients.failures import MOST_TARGETS, FailureWatch
from secmlops.detect.clients.habits import Habits
from secmlops.detect.clients.settings import Bounds
from secmlops.detect.clients.table import Table
from secmlops.runtime.signature import Inputs, Signature

ADDRESS = "address:"
"""What the name of a client begins with that is known by its address only."""

_NO_KEY, _ = split("")
_MOST_ROWS = 256  # of one query: a table of many rows is judged by some of them


class WatchAnswer(StrEnum):
    """What is done about a client that is suspected. Evidence is left in each case."""

    ALERT = "alert"
    """Nothing more."""
    TIGHTEN = "tighten"
    """Its rate is divided by a factor."""
    HARDEN = "harden"
    """It sees hardened outputs only."""
    BLOCK = "block"
    """Nothing is answered to it."""


Answer = Annotated[WatchAnswer, Meta(description="alert, tighten, harden or block")]
Count = Annotated[int, Meta(ge=1, le=10**9)]


class WatchSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What clients are watched for and what is answered: by default an alert, and a lower rate for who guesses keys."""

    enabled: Annotated[bool, Meta(description="whether clients are watched")] = True
    extraction: Annotated[Answer, Meta(description="answer to queries that copy the model")] = WatchAnswer.ALERT
    boundary: Annotated[Answer, Meta(description="answer to queries that search its boundary")] = WatchAnswer.ALERT
    guessing: Annotated[Answer, Meta(description="answer to an address that guesses keys")] = WatchAnswer.TIGHTEN
    scanning: Annotated[Answer, Meta(description="answer to requests for what is not there")] = WatchAnswer.ALERT
    minutes: Annotated[float, Meta(gt=0, le=1e6, description="minutes that an answer holds")] = 60.0
    factor: Annotated[float, Meta(ge=1, le=1e6, description="tighten: rate and burst are divided by it")] = 10.0
    error: Annotated[
        float, Meta(gt=0, lt=1, description="probability that an honest client is ever taken for a thief, at most")
    ] = 1e-4
    budget: Annotated[
        int, Meta(ge=0, le=10**12, description="tell of each so many different rows of a client; 0: never")
    ] = 0
    attention: Annotated[
        float, Meta(gt=0, le=1, description="share of a client's requests that is looked at once it is known as calm")
    ] = 0.25
    failures: Annotated[Count, Meta(description="failures within some five minutes that are too many")] = 60
    different: Annotated[
        float, Meta(ge=1, le=MOST_TARGETS, description="different credentials, or paths, that are too many")
    ] = 20.0
    half_life: Annotated[float, Meta(gt=0, le=1e9, description="seconds in which a failure fades by half")] = 300.0
    clients: Annotated[
        int, Meta(ge=4, le=10**6, description="clients remembered of each model, and of each kind of failure")
    ] = 10_000


class Query(NamedTuple):
    """Rows that a client asked a model about, with the scores float64 [n, k] it got.

    ``strange`` are the guard's flags bool [n]; ``now`` is in seconds that only ever grow.
    """

    who: str
    model: str
    inputs: Inputs
    scores: npt.NDArray[np.float64]
    strange: npt.NDArray[np.bool_] | None
    now: float


@dataclass(frozen=True, slots=True)
class Suspicion:
    """What a client is suspected of, and the answer to it.

    ``name`` is what evidence may call the client: an identity's id, or a keyed digest of an address. ``requests`` are
    the client's requests so far (failures, for the last two kinds), ``strength`` as in ``Alarm``.
    """

    who: str
    name: str
    kind: str
    message: str
    answer: WatchAnswer
    strength: float
    requests: int


@dataclass(frozen=True, slots=True)
class _Watched:
    """A model, and everyone who asks it."""

    stored: bytes
    habits: Habits
    columns: tuple[int, int]
    crowd: Crowd


_MESSAGES: Mapping[AlarmKind, str] = {
    AlarmKind.STRANGE: "asks about too many rows unlike any honest ones",
    AlarmKind.BOUNDARY: "asks about too many rows on which the model is undecided",
    AlarmKind.LINES: "asks about too many rows on one line",
    AlarmKind.FLIPS: "searches too many places where the answer flips",
    AlarmKind.VOLUME: "has used up another budget of different rows",
    AlarmKind.GUESSING: "presented too many credentials that were refused",
    AlarmKind.SCANNING: "asked in vain for too many things",
}


class Watch:
    """Everyone who asks. Not to be used by several threads at once.

    ``secret`` keys the hashes under which targets and addresses are kept: clients must not foresee them. ``generator``
    orders the rows of a table.
    """

    def __init__(self, settings: WatchSettings, secret: bytes, generator: np.random.Generator) -> None:
        self._settings = settings
        self._secret = hashlib.sha256(secret).digest()
        self._generator = generator
        self._bounds = Bounds(error=settings.error, budget=settings.budget)
        self._models: dict[str, _Watched] = {}
        share = 1.0 if settings.budget else settings.attention  # a budget counts every row
        self._attention = Attention(share, generator)
        self._by_address, self._by_key, self._by_path = (
            Table(settings.clients, partial(self._failures, kind))
            for kind in (AlarmKind.GUESSING, AlarmKind.GUESSING, AlarmKind.SCANNING)
        )

    def learn(self, model: str, habits: bytes | None, signature: Signature) -> None:
        """Watch the queries to ``model`` by these habits, or no longer (None). Known habits keep what was seen.

        Raises VerificationError when the habits are none, or not those of a model with this signature.
        """
        if not self._settings.enabled or habits is None:
            self._models.pop(model, None)
            return
        known = self._models.get(model)
        same = known is not None and known.stored == habits
        read = known.habits if known is not None and same else Habits.from_bytes(habits)
        columns = len(signature.numeric), len(signature.categorical)
        if not read.fits(*columns):
            raise VerificationError("the habits are those of a model with other features", where=f"model {model}")
        if same:
            return
        crowd = Crowd(read, self._bounds, self._settings.clients)
        self._models[model] = _Watched(habits, read, columns, crowd)

    def keep(self, models: Collection[str]) -> None:
        """Forget all models but these, and who asked them: what is no longer served is asked no more."""
        for model in self._models.keys() - models:
            self._models.pop(model, None)

    def spares(self, query: Query) -> bool:
        """Whether a query need not be looked at: nobody watches its model, or its client is calm. A table always is."""
        watched = self._models.get(query.model)
        return watched is None or (len(query.scores) == 1 and watched.crowd.spares(query.who, self._attention))

    def queries(self, queries: Sequence[Query]) -> list[Suspicion]:
        """Take in queries that were answered, those of one client in their order: best some dozens at once."""
        by_model: dict[str, list[Query]] = {}
        for query in queries:
            by_model.setdefault(query.model, []).append(query)
        watched = ((self._models.get(model), of_model) for model, of_model in by_model.items())
        return [one for model, of_model in watched if model for one in self._look(model, of_model)]

    def failed(self, who: str, presented: str, now: float) -> list[Suspicion]:
        """Take in a credential that ``who``, an address, ``presented`` and that was refused.

        Whoever guesses the secret of somebody's key must not lock out its holder: of a key that is tried from too many
        addresses there is an alert, whatever the settings say.
        """
        if not self._settings.enabled:
            return []
        answer = self._settings.guessing
        found = self._count(self._by_address, who, presented, now)
        suspicions = [self._suspicion(who, alarm, answer) for alarm in found]
        key, _ = split(presented)
        if key != _NO_KEY:
            holder = f"key:{key}"
            found = self._count(self._by_key, holder, who, now)
            suspicions += [self._suspicion(holder, alarm, WatchAnswer.ALERT) for alarm in found]
        return suspicions

    def refused(self, who: str, path: str, now: float) -> list[Suspicion]:
        """Take in a request of ``who`` (an identity or an address) that asked in vain for ``path``."""
        if not self._settings.enabled:
            return []
        found = self._count(self._by_path, who, path, now)
        return [self._suspicion(who, alarm, self._settings.scanning) for alarm in found]

    def _look(self, watched: _Watched, queries: list[Query]) -> Iterator[Suspicion]:
        names: list[str] = []
        numeric, categorical, scores = [], [], []
        for query in queries:
            who, inputs, answered = query.who, query.inputs, query.scores
            if (inputs.numeric.shape[1], inputs.categorical.shape[1]) != watched.columns:
                continue  # asked of a version that is no longer served
            if len(answered) == 1:
                names.append(who)
            else:
                some = self._generator.permutation(len(inputs))[:_MOST_ROWS]  # a sorted table is no run of strange rows
                inputs, answered = inputs.take(some), answered[some]
                names.extend([who] * len(some))
            numeric.append(inputs.numeric)
            categorical.append(inputs.categorical)
            scores.append(answered)
        if names:
            rows = watched.habits.encode(Inputs(np.concatenate(numeric), np.concatenate(categorical)))
            labels, margins = answers(np.concatenate(scores))
            for who, alarm in watched.crowd.update(names, rows, labels.tolist(), margins, queries[-1].now):
                boundary = alarm.kind not in {AlarmKind.STRANGE, AlarmKind.VOLUME}
                yield self._suspicion(who, alarm, self._settings.boundary if boundary else self._settings.extraction)

    def _failures(self, kind: AlarmKind) -> FailureWatch:
        settings = self._settings
        return FailureWatch(kind, limit=settings.failures, targets=settings.different, half_life=settings.half_life)

    def _count(self, table: Table[FailureWatch], who: str, target: str, now: float) -> tuple[Alarm, ...]:
        return table.get(who).update(int.from_bytes(self._hash(target), "little"), now)

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=8).digest()

    def _suspicion(self, who: str, alarm: Alarm, answer: WatchAnswer) -> Suspicion:
        name = f"address {self._hash(who).hex()[:12]}" if who.startswith(ADDRESS) else who
        return Suspicion(who, name, alarm.kind, _MESSAGES[alarm.kind], answer, alarm.strength, alarm.requests)
