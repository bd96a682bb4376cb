"""What a model is to withstand: the settings of robust training, and the adversary that they are about."""

from dataclasses import dataclass

from secmlops.attack.evasion.adversary import Adversary
from secmlops.core.errors import InputError
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Signature
from secmlops.training.robust.settings import RobustSettings


@dataclass(frozen=True, slots=True)
class Robustness:
    """Changes up to the settings' budget, by the ``adversary``'s prices."""

    settings: RobustSettings
    adversary: Adversary

    def check(self, train: Examples, signature: Signature) -> None:
        """Raise InputError when this is no task of classes, or the adversary knows features that are not there."""
        if not signature.task.is_classification:
            raise InputError(
                "robust training keeps classes, and this task predicts quantities",
                where="training.robust",
                hint="leave training.robust out, or predict classes",
            )
        self.adversary.perturbations(signature, train.inputs)
