"""What a model is to withstand: the settings of robust training, and the adversary that they are about."""

from dataclasses import dataclass

from secmlops.attack.evasion.adversary import Adversary
from secmlops.runtime.examples import Examples
from secmlops.runtime.signature import Signature
from secmlops.training.robust.settings import RobustSettings


@dataclass(frozen=True, slots=True)
class Robustness:
    """Changes up to the settings' budget, by the ``adversary``'s prices."""

    settings: RobustSettings
    adversary: Adversary

    def check(self, train: Examples, signature: Signature) -> None:
        """Raise InputError when the adversary knows features that are not there."""
        self.adversary.perturbations(signature, train.inputs)
