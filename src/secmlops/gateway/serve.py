"""Serving a release: verified, loaded, put on record as started, and answering until it is told to stop."""

from dataclasses import dataclass
from pathlib import Path

import uvicorn

from secmlops.core.errors import InputError
from secmlops.core.evidence import ControlRef, Evidence, Outcome
from secmlops.core.finding import Finding, Severity
from secmlops.core.stage import Stage
from secmlops.core.subject import Subject, SubjectKind
from secmlops.gateway.app import Gateway, build_app
from secmlops.gateway.listening import is_loopback
from secmlops.gateway.loading import load
from secmlops.gateway.recorder import Recorder
from secmlops.gateway.rights import Rights
from secmlops.gateway.served import Served
from secmlops.gateway.server import make_server
from secmlops.gateway.tls import Pair, given, self_made
from secmlops.release.bundle import Release
from secmlops.trust.canonical import digest_of
from secmlops.trust.roles import Role
from secmlops.workspace import STATE, Workspace

AUTO = "auto"
NO_TLS = Finding(
    "serving.no-tls",
    Severity.WARNING,
    "served without TLS: keys and answers can be read and changed on the way",
    hint="leave out --insecure-no-tls",
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen, and the certificate: ``auto``, ``CERT:KEY``, or None to serve in clear.

    In clear is for loopback only, unless ``insecure_network`` says by name that others may read along.
    """

    host: str
    port: int
    tls: str | None = AUTO
    insecure_network: bool = False

    def check(self) -> None:
        """Raise InputError for an address that would put keys on a network in clear without having been asked to."""
        if self.tls is None and not self.insecure_network and not is_loopback(self.host):
            hint = "leave out --insecure-no-tls, or add --insecure-network where a proxy in front speaks TLS"
            raise InputError("others on the network could read the keys", where=self.host, hint=hint)


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is ready to run, what it serves, and its certificate."""

    server: uvicorn.Server
    served: Served
    certificate: Path | None


def prepare_serving(workspace: Workspace, release: Release, address: Address) -> Serving:
    """Verify and load ``release``, record that it is served, and make the server.

    Raises VerificationError when the release does not verify, InputError when the address or certificate cannot be
    used.
    """
    address.check()
    pair = _pair(workspace, address)
    context = pair.context(workspace.clock()) if pair else None
    served = load(workspace, release)
    rights = Rights(workspace.access, workspace.clock)
    gateway = Gateway(served, Recorder(workspace.traffic, workspace.ledger, workspace.clock), rights)
    _record_start(workspace, served, address)
    server = make_server(build_app(gateway), address.host, address.port, context)
    return Serving(server, served, pair.certificate if pair else None)


def _pair(workspace: Workspace, address: Address) -> Pair | None:
    if address.tls is None:
        return None
    if address.tls == AUTO:
        return self_made(workspace.folder / STATE / "tls", address.host, workspace.clock())
    return given(address.tls)


def _record_start(workspace: Workspace, served: Served, address: Address) -> None:
    settings = digest_of({"host": address.host, "port": address.port, "tls": address.tls or "none"})
    evidence = Evidence(
        control=ControlRef("serving.start", "1", settings),
        stage=Stage.SERVING,
        subject=Subject(SubjectKind.RELEASE, f"{served.name}-{served.version}", served.release),
        outcome=Outcome.PASSED,
        at=workspace.clock(),
        measures={"tls": float(address.tls is not None), "loopback": float(is_loopback(address.host))},
        findings=() if address.tls else (NO_TLS,),
        materials={"model": served.predictor.digest},
    )
    workspace.book.append(evidence, workspace.keys.signer(Role.GATEWAY))
