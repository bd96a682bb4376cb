"""The thing a piece of evidence is about."""

from dataclasses import dataclass
from enum import StrEnum

from secmlops.core.digest import Digest


class SubjectKind(StrEnum):
    """The kinds of thing that move through the lifecycle."""

    PROJECT = "project"
    DATASET = "dataset"
    FEATURE_VIEW = "feature_view"
    MODEL = "model"
    RELEASE = "release"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True)
class Subject:
    """A data set, feature view, model, release or endpoint: its name is for people, its digest is its identity."""

    kind: SubjectKind
    name: str
    digest: Digest

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.digest.short})"
