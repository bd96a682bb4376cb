"""What a private fit will do: its steps, its noise and its looks at the rows, and the privacy loss of all together.

A plan is made of settings and of what is public: names and kinds of the columns and the classes. No row is looked at,
so the process that never trains can make it, and say what it costs.
"""

import math

import msgspec

from secmlops.core.task import Task
from secmlops.runtime.signature import Signature
from secmlops.training.private.gaussian import composed, epsilon_of, mu_of, mu_of_steps
from secmlops.training.private.sampled import epsilon_of_samples, noise_for_samples
from secmlops.training.private.settings import Bounds, Method, PrivateTraining

STEPS = {Method.GRADIENT_DESCENT: 100, Method.SGD: 400}
_GRADIENT_NORM = 1.0
_COUNT_SHARE = 0.01
"""Share of the squared mu that counting the rows takes, where nothing else is to be found."""
_CATEGORIES_SHARE = 0.1
"""Share of delta that finding categories takes: the chance to tell one that only one person has."""
_ROUNDING = 1 + 1e-9
"""So much more noise than computed: no rounding, here or in the sums, costs anybody their promise."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that the fit needs to know beside the rows.

    ``noise_multiplier`` is the noise of a step beside what one person can change in it. ``looks`` are the mu of the two
    looks at the rows before the fit, 0 where there is none; ``categories_delta`` is what finding categories may fail.
    """

    method: Method
    steps: int
    sample_rate: float
    noise_multiplier: float
    clip_norm: float
    looks: tuple[float, float]
    categories_delta: float
    rows_per_person: int
    bounds: dict[str, Bounds]
    categories: dict[str, tuple[str, ...]]
    target_bounds: Bounds | None

    def epsilon(self, delta: float) -> float:
        """Epsilon of the model at ``delta``, of everything that looked at the rows together: by the accountant."""
        steps = (self.noise_multiplier, self.sample_rate, self.steps)
        return _with_categories(self.categories_delta, _epsilon(composed(*self.looks), steps, self._rest(delta)))

    def epsilon_of_looks(self, delta: float) -> float:
        """Epsilon at ``delta`` of the looks before the fit alone."""
        return _with_categories(self.categories_delta, epsilon_of(composed(*self.looks), self._rest(delta)))

    def _rest(self, delta: float) -> float:
        return delta - self.categories_delta


def plan_of(settings: PrivateTraining, signature: Signature, model: str) -> Plan:
    """Plan the fit of ``model`` for ``signature``'s columns; for sgd raises InputError where Opacus is missing."""
    method = settings.resolved(model)
    steps = settings.steps or STEPS[method]
    ranges = [f.name for f in signature.numeric if f.name not in settings.bounds]
    ranges += ["target"] if signature.task is Task.REGRESSION and settings.target_bounds is None else []
    lists = [f.name for f in signature.categorical if f.name not in settings.categories]
    categories_delta = _CATEGORIES_SHARE * settings.delta if lists else 0.0
    delta = settings.delta - categories_delta
    epsilon = settings.epsilon + math.log1p(-categories_delta)
    mu = mu_of(epsilon, delta)
    looks = _looks(mu, settings.preprocessing, bool(ranges), bool(lists))
    if method is Method.SGD:
        rate = settings.sample_rate
        noise = noise_for_samples(epsilon, delta, (rate, steps), composed(*looks))
    else:
        rate, noise = 1.0, _ROUNDING * math.sqrt(steps / (mu**2 - composed(*looks) ** 2))
    return Plan(
        method=method,
        steps=steps,
        sample_rate=rate,
        noise_multiplier=noise,
        clip_norm=settings.clip_norm or (_GRADIENT_NORM if method is Method.SGD else _norm_of_row(signature)),
        looks=looks,
        categories_delta=categories_delta,
        rows_per_person=settings.rows_per_person,
        bounds=settings.bounds,
        categories=settings.categories,
        target_bounds=settings.target_bounds,
    )


def _looks(mu: float, share: float, ranges: bool, lists: bool) -> tuple[float, float]:
    """Mu of the first look (count, scales, categories), and of the second one, which is for ranges alone."""
    if ranges:
        return mu * math.sqrt(share / 2), mu * math.sqrt(share / 2)
    return mu * math.sqrt(share if lists else _COUNT_SHARE), 0.0


def _norm_of_row(signature: Signature) -> float:
    """Norm of a row whose numbers are spread evenly from -1 to 1, with its categories and the column of ones."""
    return math.sqrt(1 + len(signature.categorical) + len(signature.numeric) / 3)


def _epsilon(looks: float, steps: tuple[float, float, int], delta: float) -> float:
    """Epsilon of the looks and of steps, given by noise multiplier, sampling rate and number."""
    noise_multiplier, rate, count = steps
    if rate == 1:
        return epsilon_of(composed(looks, mu_of_steps(noise_multiplier, count)), delta)
    return epsilon_of_samples(steps, looks, delta)


def _with_categories(delta: float, epsilon: float) -> float:
    """Epsilon together with a look that fails, on its own, with chance ``delta``, which is to be paid beside it.

    Where it does not fail, chances with the row are as without its categories, by 1 / (1 - delta) more (see the guide).
    """
    return epsilon - math.log1p(-delta)
