"""Differentially private stochastic gradient descent (Abadi et al., CCS 2016) through Opacus: networks, linear models.

Each step takes a Poisson sample of the rows, clips the gradient of each of its rows, adds normal noise to their sum and
takes an Adam step. Opacus computes and clips the gradients; sample and noise are drawn here, from the operating
system's generator, because PyTorch's can be foretold from its state. All is computed in float64.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from opacus import GradSampleModule
from opacus.optimizers import DPOptimizer
from torch import nn

from secmlops.training.network import Layer
from secmlops.training.private.noise import Noise, Numbers
from secmlops.training.private.plan import Plan

_LEARNING_RATE = 0.01
_MOST_ROWS = 1024
"""Rows whose gradients are in memory at once."""


class _NoisyOptimizer(DPOptimizer):  # type: ignore[misc]  # Opacus has no types
    """Opacus's optimizer with another source of noise."""

    noise: Noise

    def add_noise(self) -> None:
        """Put the sum of clipped gradients, with noise, where the optimizer looks for a gradient."""
        for parameter in self.params:
            noisy = self.noise.add(parameter.summed_grad.numpy(), self.noise_multiplier * self.max_grad_norm)
            parameter.grad = torch.from_numpy(noisy).view_as(parameter)
            parameter.summed_grad._processed = True  # noqa: SLF001  Opacus's own mark that a sum has its noise


def learn(
    data: tuple[Numbers, npt.NDArray[Any]], sizes: Sequence[int], plan: Plan, rows: float, noise: Noise
) -> list[Layer]:
    """Layers of ``sizes`` trained on a design [n, d] and a target [n]: class indices, or quantities from -1 to 1.

    ``rows`` is the noisy number of rows. With one output, classes are two. The layers are the mean over the later half
    of the steps.
    """
    design, truth = torch.from_numpy(np.ascontiguousarray(data[0])), torch.from_numpy(data[1].astype(np.float64))
    network = _network(sizes)
    optimizer = _NoisyOptimizer(
        torch.optim.Adam(network.parameters(), lr=_LEARNING_RATE),
        noise_multiplier=plan.noise_multiplier,
        max_grad_norm=plan.clip_norm,
        expected_batch_size=max(1.0, plan.sample_rate * rows),
    )
    optimizer.noise = noise
    private = GradSampleModule(network)
    loss = _loss(classifies=data[1].dtype.kind in "iu", outputs=sizes[-1])
    parameters = list(network.parameters())
    totals, later = [np.zeros(tuple(p.shape)) for p in parameters], plan.steps // 2
    for step in range(plan.steps):
        for chunk, last in _chunks(noise.sample(len(design), plan.sample_rate)):
            optimizer.zero_grad()
            picked = torch.from_numpy(chunk)
            loss(private(design[picked].requires_grad_()), truth[picked]).backward()
            optimizer.signal_skip_step(do_skip=not last)
            optimizer.step()
        if step >= later:
            totals = [total + p.detach().numpy() for total, p in zip(totals, parameters, strict=True)]
    means = [total / (plan.steps - later) for total in totals]
    return [(weights.T.copy(), biases) for weights, biases in zip(means[::2], means[1::2], strict=True)]


def _network(sizes: Sequence[int]) -> nn.Sequential:
    """Linear layers with rectified linear units between them; where they begin is the same each time."""
    draw = np.random.default_rng(0)  # the beginning knows no row: it may be known
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        linear = nn.Linear(inputs, outputs, dtype=torch.float64)
        reach = math.sqrt(1 / inputs) if len(sizes) > 2 else 0.0
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(draw.uniform(-reach, reach, (outputs, inputs))))
            linear.bias.zero_()
        layers += [linear, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def _loss(*, classifies: bool, outputs: int) -> Any:
    """Mean loss of scores [n, k] against the truth [n]; Opacus counts on the mean."""
    if not classifies:
        return lambda scores, truth: nn.functional.huber_loss(scores[:, 0], truth)
    if outputs == 1:
        return lambda scores, truth: nn.functional.binary_cross_entropy_with_logits(scores[:, 0], truth)
    return lambda scores, truth: nn.functional.cross_entropy(scores, truth.long())


def _chunks(rows: npt.NDArray[np.intp]) -> Iterator[tuple[npt.NDArray[np.intp], bool]]:
    """The rows of a step in parts that fit into memory, and whether a part is the last; an empty sample is one part."""
    for start in range(0, max(1, len(rows)), _MOST_ROWS):
        yield rows[start : start + _MOST_ROWS], start + _MOST_ROWS >= len(rows)
