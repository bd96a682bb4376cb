"""What a project has, who may attack it, and the facts about it that decide which threats apply."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from secmlops.core.errors import InputError
from secmlops.core.stage import Stage
from secmlops.core.task import Task


class Asset(StrEnum):
    """What is worth attacking."""

    DATASET = "dataset"
    FEATURES = "features"
    MODEL = "model"
    KEYS = "keys"
    LEDGER = "ledger"
    ENDPOINT = "endpoint"


class Actor(StrEnum):
    """Who may attack, told apart by what they can reach."""

    OUTSIDER = "outsider"
    SUPPLIER = "supplier"
    INSIDER = "insider"
    ADMINISTRATOR = "administrator"
    DEPENDENCY_AUTHOR = "dependency_author"


class Fact(StrEnum):
    """A property of a project without which some threats have no footing."""

    ENDPOINT = "endpoint"
    PERSONAL_DATA = "personal_data"
    OUTSIDE_DATA = "outside_data"
    PRETRAINED_MODEL = "pretrained_model"
    FEEDBACK = "feedback"
    CLASSIFICATION = "classification"


ABILITIES: Mapping[Actor, str] = MappingProxyType(
    {
        Actor.OUTSIDER: "may query the endpoint and read what is public",
        Actor.SUPPLIER: "writes data or models before the project receives them",
        Actor.INSIDER: "works on the project's data, code and models",
        Actor.ADMINISTRATOR: "runs the machines, the stores and the keys",
        Actor.DEPENDENCY_AUTHOR: "publishes packages that the project installs",
    }
)

FACTS_IN_WORDS: Mapping[Fact, str] = MappingProxyType(
    {
        Fact.ENDPOINT: "the model answers queries",
        Fact.PERSONAL_DATA: "the training data are about persons",
        Fact.OUTSIDE_DATA: "data come from others",
        Fact.PRETRAINED_MODEL: "training starts from a model of others",
        Fact.FEEDBACK: "served data flow back into training",
        Fact.CLASSIFICATION: "the model assigns classes",
    }
)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """The facts of one project. A fact that nobody stated counts as the one that admits more threats.

    ``pretrained_model`` is the exception: nothing is fine-tuned unless the project says so. Raises InputError when no
    stage is named.
    """

    name: str
    task: Task
    stages: frozenset[Stage] = frozenset(Stage)
    personal_data: bool = True
    outside_data: bool = True
    feedback: bool = True
    pretrained_model: bool = False

    def __post_init__(self) -> None:
        if not self.stages:
            raise InputError(f"project {self.name} has no stage", hint="a threat model needs at least one stage")

    @property
    def facts(self) -> frozenset[Fact]:
        """The facts that hold."""
        held = {
            Fact.ENDPOINT: Stage.SERVING in self.stages,
            Fact.PERSONAL_DATA: self.personal_data,
            Fact.OUTSIDE_DATA: self.outside_data,
            Fact.PRETRAINED_MODEL: self.pretrained_model,
            Fact.FEEDBACK: self.feedback,
            Fact.CLASSIFICATION: self.task.is_classification,
        }
        return frozenset(fact for fact, holds in held.items() if holds)
