"""The explainer of one model: everything that reasons for its answers need, as one file of a release."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from secmlops.core.digest import Digest
from secmlops.core.errors import InputError, VerificationError
from secmlops.explain.columns import Column, Encoder, check_columns
from secmlops.explain.explanation import Explanation, Floats, Indices, Method, Scale, explained_columns
from secmlops.explain.linear import LinearTerms
from secmlops.explain.paths import TreePaths
from secmlops.explain.reasons import Wording
from secmlops.explain.sampling import Predicts, Walks
from secmlops.explain.usual import Usual
from secmlops.runtime.arrays import kind_of, pack, unpack
from secmlops.runtime.signature import Inputs, Signature

MAX_BYTES = 128 * 2**20
MAX_ABOUT = 8 * 2**20
"""Of the part that is no numbers: columns, categories, phrases."""
_SCALES = {
    True: frozenset({Scale.LOG_ODDS, Scale.RELATIVE_LOG_PROBABILITY, Scale.PROBABILITY}),
    False: frozenset({Scale.PREDICTION}),
}

Engine: TypeAlias = LinearTerms | TreePaths | Walks


class About(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an explainer is besides its arrays. ``model`` is the SHA-256 of the ONNX bytes that it explains."""

    version: Literal[1] = 1
    model: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    method: Method
    scale: Scale
    columns: list[Column] = []
    texts: list[str] = []
    usual: list[Usual | None] = []
    phrases: dict[str, str] = {}


_LAYOUTS: Mapping[Method, Mapping[str, tuple[str, int]]] = {
    Method.LINEAR: LinearTerms.LAYOUT,
    Method.TREES: TreePaths.LAYOUT,
    Method.SAMPLED: Walks.LAYOUT,
}
_KINDS = {method: f"explainer-{method}" for method in Method}


class Explainer:
    """Shapley values of a model's answers, and words for them. Made by ``making.make_explainer``."""

    def __init__(self, about: About, arrays: Mapping[str, npt.NDArray[Any]], signature: Signature) -> None:
        if about.scale not in _SCALES[signature.task.is_classification]:
            raise VerificationError(f"an explainer on the scale {about.scale} does not fit the model's task")
        self.about = about
        self._signature = signature
        self.engine = _engine(about, arrays, signature)
        self.wording = _wording(about, signature)

    @property
    def method(self) -> Method:
        """How the Shapley values are found."""
        return self.about.method

    @property
    def scale(self) -> Scale:
        """The unit of base, contributions and output."""
        return self.about.scale

    def explain(self, inputs: Inputs, model: Predicts) -> Explanation:
        """Explain what ``model`` answers to ``inputs``: the event, the decided class, or the prediction.

        ``model`` must be the one that ``about.model`` names. Raises InputError for a number that is infinite.
        """
        if np.isinf(inputs.numeric).any():
            raise InputError("a row with an infinite number has no explanation")
        answers = model.predict(inputs)
        explained = explained_columns(self._signature.task, answers)
        base, contributions, error = self._found(inputs, model, explained)
        return Explanation(base, contributions, error, self.method, self.scale, explained, answers)

    def _found(self, inputs: Inputs, model: Predicts, explained: Indices) -> tuple[Floats, Floats, Floats]:
        """Base [n], contributions [n, p] and standard errors [n, p]."""
        if not isinstance(self.engine, Walks):
            columns = explained if self.engine.outputs > 1 else np.zeros_like(explained)
            contributions = self.engine.contributions(inputs, columns)
            return self.engine.base(columns), contributions, np.zeros_like(contributions)
        return self.engine.contributions(inputs, explained, model, self.scale)

    def to_bytes(self) -> bytes:
        """Everything the explainer is."""
        about = np.frombuffer(msgspec.json.encode(self.about, order="deterministic"), np.uint8)
        return pack(_KINDS[self.method], {**self.engine.arrays, "about": about})

    @classmethod
    def from_bytes(cls, data: bytes, signature: Signature, model: Digest | None = None) -> "Explainer":
        """Read what ``to_bytes`` wrote; raises VerificationError on anything else, or for another signature or model.

        ``model`` is the digest of the ONNX bytes that are served.
        """
        if len(data) > MAX_BYTES:
            raise VerificationError(f"a stored explainer of more than {MAX_BYTES} bytes")
        kind = kind_of(data)
        method = next((m for m, name in _KINDS.items() if name == kind), None)
        if method is None:
            raise VerificationError(f"a stored explainer was expected, this says it is {kind[:40]!r}")
        arrays = unpack(data, kind, {**_LAYOUTS[method], "about": ("U8", 1)})
        about = _about(arrays.pop("about").tobytes())
        if about.method is not method:
            raise VerificationError("the stored explainer names two methods")
        if model is not None and about.model != model.hex:
            raise VerificationError("the stored explainer is that of another model", where=f"model {model.short}")
        return cls(about, arrays, signature)


def _about(data: bytes) -> About:
    if len(data) > MAX_ABOUT:
        raise VerificationError(f"the stored explainer has words of more than {MAX_ABOUT} bytes")
    try:
        about = msgspec.json.decode(data, type=About)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise VerificationError(f"the stored explainer cannot be read: {str(error)[:200]}") from None
    if msgspec.json.encode(about, order="deterministic") != data:
        raise VerificationError("the stored explainer says something in a way that is not written")
    return about


def _engine(about: About, arrays: Mapping[str, npt.NDArray[Any]], signature: Signature) -> Engine:
    if about.method is Method.SAMPLED:
        return Walks(arrays, about.texts, signature)
    check_columns(about.columns)
    encoder = Encoder(about.columns)
    engine = LinearTerms if about.method is Method.LINEAR else TreePaths
    return _fitting(engine(arrays, encoder, signature), about.scale, signature)


def _fitting(engine: LinearTerms | TreePaths, scale: Scale, signature: Signature) -> Engine:
    """Return ``engine`` when it has a score for all that may be asked for."""
    several = scale in {Scale.RELATIVE_LOG_PROBABILITY, Scale.PROBABILITY} and len(signature.classes) > 2
    if engine.outputs != (len(signature.classes) if several else 1):
        raise VerificationError(f"the stored explainer explains {engine.outputs} scores, not those of the model")
    return engine


def _wording(about: About, signature: Signature) -> Wording:
    try:
        return Wording(signature, about.phrases, about.usual)
    except InputError as error:
        raise VerificationError(f"the stored explainer does not fit the model: {error.what}") from None
