"""The setting ``training.recalibrate``: by which map the probabilities are brought to the shares that come true."""

from typing import Literal

Recalibration = Literal["isotonic", "platt", "beta"]
"""Platt scaling (Platt 1999), beta calibration (Kull et al. 2017), or isotonic regression (Zadrozny and Elkan 2002)."""
