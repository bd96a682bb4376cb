"""What there is to know about a model that is served."""

from secmlops.gateway.exchange import Request, Response
from secmlops.gateway.gateway import Gateway
from secmlops.gateway.responses import answer
from secmlops.serving.oip import metadata


async def model(gateway: Gateway, request: Request) -> Response:
    """Describe the model: the tensors it takes and gives."""
    served = gateway.fleet.find(request.parameters)
    return answer(metadata(served.name, gateway.fleet.versions(served.name), served.signature))


async def model_ready(gateway: Gateway, request: Request) -> Response:
    """Say that this model can answer."""
    return answer({"name": gateway.fleet.find(request.parameters).name, "ready": True})
