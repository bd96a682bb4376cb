"""Predictions: asked in the protocols that clients speak, decided behind the guard, put on record, and answered."""

import asyncio
import base64
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from secmlops.access.identity import Identity
from secmlops.access.permissions import Action
from secmlops.gateway.exchange import MAX_BODY_BYTES, Refused, Request, Response
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.responses import answer, encoded, text
from secmlops.gateway.served import Served
from secmlops.runtime.hardening import Hardening
from secmlops.runtime.signature import Inputs
from secmlops.serving.answer import JSON_HEADERS, Answer, write_answer
from secmlops.serving.binary import header_length
from secmlops.serving.coding import CODINGS, unpacked
from secmlops.serving.decision import Decision
from secmlops.serving.explanation import explained, in_words
from secmlops.serving.harden import STRICTEST, hardening_for
from secmlops.serving.invocations import media_type, read_invocation, write_predictions
from secmlops.serving.noise import noise_for
from secmlops.serving.record import UNREMARKED, Verdicts
from secmlops.serving.settings import GuardPolicy
from secmlops.serving.tensors import read_question
from secmlops.serving.watch import Query

RECEIPT_HEADER = b"secmlops-receipt"
BINARY_HEADER = b"inference-header-content-length"
EXPLANATION_COST = 100
"""What a row with its reasons counts against the limits, in rows without."""
_INLINE_BYTES = 32 * 2**10
"""A hop to another thread costs more than reading such a request."""

Scores = npt.NDArray[np.float64]


class Told(NamedTuple):
    """What a caller is told: the scores as they are shown, and what proves them later."""

    scores: Scores
    proof: Mapping[str, str | int]


async def infer(gateway: Gateway, request: Request) -> Response:
    """Answer a request of the Open Inference Protocol, once it is on record."""
    served = gateway.fleet.find(request.parameters)
    body, length = _plain(request), _header_length(request)
    if len(body) <= _INLINE_BYTES:
        question = read_question(body, served.signature, length)
    else:
        question = await asyncio.to_thread(read_question, body, served.signature, length)
    told = await predicted(gateway, request, served, question.inputs)
    return _written(write_answer(question, told.scores, served.about, told.proof))


async def invocations(gateway: Gateway, request: Request) -> Response:
    """Answer a request in the form of MLflow's scoring server, once it is on record."""
    served = gateway.fleet.find(request.parameters) if "name" in request.parameters else gateway.fleet.only()
    if not request.caller.may(Action.PREDICT, f"model:{served.name}"):
        raise Refused(401)
    media = media_type(request.header(b"content-type"))
    if media is None:
        raise Refused(415, "application/json or text/csv, in UTF-8")
    body = _plain(request)
    if len(body) <= _INLINE_BYTES:
        question = read_invocation(body, served.signature, media)
    else:
        question = await asyncio.to_thread(read_invocation, body, served.signature, media)
    told = await predicted(gateway, request, served, question.inputs)
    return _written(write_predictions(question, told.scores, served.about, told.proof))


async def explain(gateway: Gateway, request: Request) -> Response:
    """Give the reasons for what the model answers to these rows; nothing is put on record.

    Whoever is shown hardened scores is told the reasons in words: their numbers would add up to the scores.
    """
    served = gateway.fleet.find(request.parameters)
    if served.explainer is None:
        raise Refused(404)
    inputs = read_question(_plain(request), served.signature, _header_length(request)).inputs
    identity, now = request.caller, monotonic()
    gateway.admission.charge(identity, len(inputs) * EXPLANATION_COST, now)
    inputs, _ = served.validator.check(inputs)
    decision = await gateway.engine.decide(served.decider, inputs)
    gateway.clients.seen(Query(identity.id, served.key, inputs, decision.scores, decision.strange, now))
    if decision.flagged:
        _judged(gateway, served, decision)
    rows = await asyncio.to_thread(explained, served.explainer, served.predictor, served.signature, inputs)
    if _hardening(gateway, identity, now) is not None:
        rows = in_words(rows)
    return answer({"model_name": served.name, "model_version": served.version, "rows": rows})


async def receipt(gateway: Gateway, request: Request) -> Response:
    """Give the receipt of one of the caller's own predictions."""
    found = await asyncio.to_thread(gateway.recorder.receipt, request.caller.id, request.parameters["which"])
    if found is None:
        raise Refused(404)
    return text(found)


async def predicted(gateway: Gateway, request: Request, served: Served, inputs: Inputs) -> Told:
    """Validate, decide, harden and put on record; raises Refused 422 or 429, InputError and VerificationError."""
    identity, now = request.caller, monotonic()
    gateway.admission.charge(identity, len(inputs), now)
    inputs, unusual = served.validator.check(inputs)
    decision = await gateway.engine.decide(served.decider, inputs)
    gateway.clients.seen(Query(identity.id, served.key, inputs, decision.scores, decision.strange, now))
    guard = _judged(gateway, served, decision) if decision.flagged else ""
    hardening = _hardening(gateway, identity, now)
    scores = decision.scores if hardening is None else _hardened(gateway, inputs, decision.scores, hardening)
    verdicts = UNREMARKED
    if unusual or guard or hardening is STRICTEST:
        verdicts = Verdicts(",".join(unusual), guard, "hardened" if hardening is STRICTEST else "")
    return Told(scores, await _recorded(gateway, request, served, scores, verdicts))


def _judged(gateway: Gateway, served: Served, decision: Decision) -> str:
    """What the guard's finding comes to: words for the record, or Refused 422."""
    policy = served.decider.policy
    gateway.metrics.event("guard", policy, decision.flagged)
    if policy is GuardPolicy.REFUSE:
        raise Refused(422, "some rows are unlike everything this model was measured on")
    return f"{'fallback' if policy is GuardPolicy.FALLBACK else 'strange'}:{decision.flagged}"


def _hardening(gateway: Gateway, identity: Identity, now: float) -> Hardening | None:
    """What is done to the scores that this caller is shown, a client under suspicion the strictest."""
    if gateway.clients.hardened(identity.id, now):
        return STRICTEST
    return hardening_for(identity, gateway.settings.outputs)


def _hardened(gateway: Gateway, inputs: Inputs, scores: Scores, hardening: Hardening) -> Scores:
    """Scores as they are shown."""
    return hardening.apply(scores, lambda outputs: noise_for(inputs, outputs, gateway.noise_key))


async def _recorded(
    gateway: Gateway, request: Request, served: Served, scores: Scores, verdicts: Verdicts
) -> Mapping[str, str | int]:
    """Put the answer on record; returns what the caller needs to prove it later."""
    identity = request.caller
    wanted = request.headers.get(RECEIPT_HEADER, b"").lower() == b"wanted"
    pending = gateway.recorder.record(identity.id, served, request.body, scores, verdicts)
    proof: dict[str, str | int] = {"prediction_id": pending.id, "salt": base64.b64encode(pending.salt).decode()}
    if verdicts is not UNREMARKED:
        proof["flags"] = ",".join(filter(None, (verdicts.validation, verdicts.guard, verdicts.watch)))
    if pending.index is not None:
        proof["ledger_index"] = await pending.index
    if wanted:
        found = await asyncio.to_thread(gateway.recorder.receipt, identity.id, pending.id)
        if found is not None:
            proof["receipt"] = found
    return proof


def _plain(request: Request) -> bytes:
    """Body as it was before it was compressed; raises Refused 415 for a coding that is not taken."""
    coding = request.headers.get(b"content-encoding")
    if coding is None or coding == b"identity":
        return request.body
    name = coding.decode("latin-1").strip().lower()
    if name not in CODINGS:
        raise Refused(415, f"content codings that are taken: {', '.join(CODINGS)}")
    return unpacked(request.body, name, MAX_BODY_BYTES)


def _written(written: Answer) -> Response:
    return encoded(written.body, None if written.headers is JSON_HEADERS else written.headers)


def _header_length(request: Request) -> int | None:
    """Length of the JSON part of a body with binary tensors; None where it is all JSON."""
    return header_length(request.header(BINARY_HEADER)) if request.headers.get(BINARY_HEADER) else None
