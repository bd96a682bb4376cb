"""The settings of serving: the section ``serving`` of a project file, or a whole serving.yaml."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from secmlops.runtime.hardening import Hardening
from secmlops.serving.limits import LimitSettings
from secmlops.serving.networks import NetworkSettings
from secmlops.serving.traces import TraceSettings
from secmlops.serving.validation import ValidationSettings
from secmlops.serving.watch import WatchSettings

AUDIT_WINDOW_S = 5.0
"""Long enough for a machine that is short of processors, too short for a disk that has stopped to go unnoticed."""


class AuditMode(StrEnum):
    """When a prediction is on record: before its answer leaves, or at most 50 ms after."""

    DURABLE = "durable"
    ASYNC = "async"


class GuardPolicy(StrEnum):
    """What is done with rows that are unlike everything the model was measured on."""

    OFF = "off"
    FLAG = "flag"
    REFUSE = "refuse"
    FALLBACK = "fallback"


class GuardSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done with rows that the release's anomaly guard finds strange."""

    policy: Annotated[GuardPolicy, Meta(description="off, flag, refuse or fallback")] = GuardPolicy.FLAG
    fallback: Annotated[
        str | int | float | None, Meta(description="the class or number that is answered under the policy fallback")
    ] = None


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more model to serve: of this project, or of another one whose releases this user can open."""

    project: Annotated[str, Meta(description="folder of the project, relative to this one")] = "."
    release: Annotated[str | None, Meta(description="folder name of the release; none: always the latest")] = None


class ServingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how releases are served."""

    host: Annotated[str, Meta(description="address to listen on")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="port to listen on; 0 takes a free one")] = 8443
    workers: Annotated[int, Meta(ge=1, le=64, description="processes that answer")] = 1
    models: Annotated[tuple[ModelSettings, ...], Meta(description="what is served; none: this project's latest")] = ()
    audit: Annotated[AuditMode, Meta(description="when a prediction is on record: durable or async")] = (
        AuditMode.DURABLE
    )
    audit_window: Annotated[
        float, Meta(gt=0, le=3600, description="async: seconds a record may wait for the disk until 503 is answered")
    ] = AUDIT_WINDOW_S
    networks: NetworkSettings = NetworkSettings()
    limits: LimitSettings = LimitSettings()
    validation: ValidationSettings = ValidationSettings()
    guard: GuardSettings = GuardSettings()
    watch: WatchSettings = WatchSettings()
    outputs: Annotated[
        dict[str, Hardening], Meta(description="per role, what is shown of the scores; * stands for everyone else")
    ] = {}
    traces: TraceSettings = TraceSettings()
