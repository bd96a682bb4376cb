"""Noise is normal, lies on its grid, and is nobody's twice."""

import math

import numpy as np

from secmlops.training.private.noise import Noise


def test_noise_is_normal_and_differs_each_time() -> None:
    drawn = Noise().add(np.zeros((200, 100)), 3.0) / 3.0
    assert abs(drawn.mean()) < 6 / math.sqrt(20_000)
    assert abs(drawn.var() - 1) < 6 * math.sqrt(2 / 20_000)
    inside = np.mean(np.abs(drawn) < 1)
    assert abs(inside - 0.6827) < 6 * math.sqrt(0.6827 * 0.3173 / 20_000)
    assert not np.array_equal(drawn, Noise().add(np.zeros((200, 100)), 3.0) / 3.0)


def test_a_generator_of_numpy_cannot_steer_it() -> None:
    np.random.seed(1)
    one = Noise().add(np.zeros(8), 1.0)
    np.random.seed(1)
    assert not np.array_equal(one, Noise().add(np.zeros(8), 1.0))


def test_the_last_digits_of_a_sum_do_not_get_out() -> None:
    grid = 2.0**-19  # scale 3 lies between 2 and 4
    noisy = Noise().add(np.array([math.pi * 1e-9, 1e6 + math.pi]), 3.0)
    assert np.array_equal(noisy / grid, np.rint(noisy / grid))


def test_no_scale_is_no_noise() -> None:
    assert Noise().add(np.array([0.1]), 0.0).tolist() == [0.1]


def test_each_row_is_sampled_by_itself() -> None:
    noise = Noise()
    sizes = [len(noise.sample(1000, 0.1)) for _ in range(30)]
    assert len(set(sizes)) > 1
    assert abs(np.mean(sizes) - 100) < 6 * math.sqrt(90 / 30)
