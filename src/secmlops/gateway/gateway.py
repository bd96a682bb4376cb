"""What the handlers of the gateway work with, wired once when serving starts."""

from dataclasses import dataclass

from secmlops.core.json import Json
from secmlops.gateway.admission import Admission
from secmlops.gateway.alarms import Alarms
from secmlops.gateway.clients import Clients
from secmlops.gateway.engine import Engine
from secmlops.gateway.fleet import Fleet
from secmlops.gateway.metrics import Metrics
from secmlops.gateway.recorder import Recorder
from secmlops.serving.limits import Limiter
from secmlops.serving.settings import ServingSettings


@dataclass(frozen=True, slots=True)
class Gateway:
    """The parts of a running gateway: who is let in, what is served, who decides, and where it is put on record."""

    settings: ServingSettings
    admission: Admission
    limiter: Limiter
    fleet: Fleet
    engine: Engine
    recorder: Recorder
    clients: Clients
    alarms: Alarms
    metrics: Metrics
    noise_key: bytes

    @property
    def ready(self) -> bool:
        """Whether predictions can be answered: rights known, releases in force, the log writable as of last time."""
        return self.admission.current and self.fleet.ready and not self.recorder.failed

    def summary(self) -> dict[str, Json]:
        """What is served, and what came so far."""
        models: list[Json] = [
            {"name": one.name, "version": one.version, "release": str(one.release), "model": str(one.predictor.digest)}
            for one in self.fleet.served
        ]
        events = {f"{name}.{kind}": times for (name, kind), times in sorted(self.metrics.events.items())}
        return {"models": models, "ready": self.ready, "requests": dict(self.metrics.summary()), "events": events}
