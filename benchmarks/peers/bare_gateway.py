"""The gateway with every guard off, from the same parts: what the guards cost is the distance to this.

The same uvicorn, protocol, reading and writing of tensors, engine and ONNX session; no door, rights, limits,
validation, guard, watch or record. Run: python bare_gateway.py PORT MODEL.onnx SIGNATURE.json
"""

import sys
from pathlib import Path

from secmlops.gateway.asgi import Application, Receive, Scope, Send
from secmlops.gateway.engine import Engine
from secmlops.gateway.listening import listen
from secmlops.gateway.responses import encoded
from secmlops.gateway.server import make_server
from secmlops.runtime.predictor import Predictor
from secmlops.runtime.signature import Signature
from secmlops.serving.answer import Model, write_answer
from secmlops.serving.decision import Decider
from secmlops.serving.settings import GuardPolicy
from secmlops.serving.tensors import read_question


def application(model: bytes, signature: Signature, engine: Engine) -> Application:
    decider = Decider(Predictor(model, signature, threads=1), None, GuardPolicy.OFF)
    about = Model("bench", "1", signature)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await lifespan(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message["body"], message["more_body"]
        question = read_question(body, signature, None)
        decision = await engine.decide(decider, question.inputs)
        await encoded(write_answer(question, decision.scores, about, {}).body).send(send)

    return app


async def lifespan(receive: Receive, send: Send) -> None:
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})


def main() -> None:
    engine = Engine()
    app = application(Path(sys.argv[2]).read_bytes(), Signature.from_json(Path(sys.argv[3]).read_bytes()), engine)
    server = make_server(app, "127.0.0.1", int(sys.argv[1]), None)
    engine.active = lambda: len(server.server_state.tasks)
    server.run(listen("127.0.0.1", int(sys.argv[1])))


if __name__ == "__main__":
    main()
