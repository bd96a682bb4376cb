"""What was really tried on a model: the attacks that its evidence tells of, not those that could not be run."""

from collections.abc import Callable

import msgspec

from secmlops.core.evidence import Evidence

NOTHING = "nothing"
"""What was tried where nothing was measured."""
AUDIT = "one-run audit"
"""What is tried on members beside the attacks."""
_NAMES = {
    "apgd": "APGD",
    "deepfool": "DeepFool",
    "hop_skip_jump": "HopSkipJump",
    "lira_offline": "LiRA offline",
    "lira_online": "LiRA online",
    "pgd": "PGD",
    "rmia": "RMIA",
}
_STRONGEST = ".attack_auc"
"""How the measure of each attack on members ends."""


class _Attempt(msgspec.Struct, frozen=True):
    name: str
    obstacle: str


class _Curve(msgspec.Struct, frozen=True):
    attacks: list[_Attempt]


def tried(attack: str, evidence: Evidence, product: Callable[[Evidence, str], bytes]) -> str:
    """Names of the attacks, from the evidence where it names them, and else ``attack``; ``product`` reads products."""
    found = []
    if evidence.control.id == "assurance.evasion" and "curve" in evidence.products:
        curve = msgspec.json.decode(product(evidence, "curve"), type=_Curve)
        found = [attempt.name for attempt in curve.attacks if not attempt.obstacle]
    elif evidence.control.id == "assurance.membership" and attack != AUDIT:
        found = [name.removesuffix(_STRONGEST) for name in evidence.measures if name.endswith(_STRONGEST)]
    return ", ".join(_NAMES.get(name, name.replace("_", " ")) for name in found) or attack
