"""Epsilon of private fits by dp-accounting (Google): lines of noise multiplier, rate, steps, mu of looks and delta."""

import sys

import dp_accounting
from dp_accounting import pld


def epsilon(noise: float, rate: float, steps: int, looks: float, delta: float) -> float:
    """Epsilon of Gaussian steps, over Poisson samples or over all rows, together with a look of this mu."""
    accountant = pld.PLDAccountant(dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE)
    step = dp_accounting.GaussianDpEvent(noise)
    if rate < 1:
        step = dp_accounting.PoissonSampledDpEvent(rate, step)
    accountant.compose(dp_accounting.SelfComposedDpEvent(step, steps))
    accountant.compose(dp_accounting.GaussianDpEvent(1 / looks))
    return float(accountant.get_epsilon(delta))


def main() -> None:
    for line in sys.stdin:
        noise, rate, steps, looks, delta = line.split()
        print(epsilon(float(noise), float(rate), int(steps), float(looks), float(delta)))


if __name__ == "__main__":
    main()
