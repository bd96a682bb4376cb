"""An example of what the model can be asked: one row of the protected data, as columns of an inference request."""

import math

from secmlops.core.json import Json
from secmlops.lifecycle.journey import Journey
from secmlops.runtime.signature import MISSING_CATEGORY, FeatureKind, Signature


def example_request(journey: Journey, row: int = 0) -> dict[str, Json]:
    """Body of an Open Inference Protocol v2 request for holdout row ``row``."""
    prepared = journey.prepared
    inputs = prepared.holdout.inputs
    signature: Signature = prepared.signature
    numbers = {f.name: float(inputs.numeric[row, i]) for i, f in enumerate(signature.numeric)}
    texts = {f.name: str(inputs.categorical[row, i]) for i, f in enumerate(signature.categorical)}
    tensors: list[Json] = []
    for feature in signature.features:
        numeric = feature.kind is FeatureKind.NUMERIC
        value: float | str = numbers[feature.name] if numeric else texts[feature.name]
        missing = math.isnan(value) if isinstance(value, float) else value == MISSING_CATEGORY
        tensors.append(
            {
                "name": feature.name,
                "shape": [1, 1],
                "datatype": "FP64" if numeric else "BYTES",
                "data": [None if missing else value],
            }
        )
    return {"inputs": tensors}
