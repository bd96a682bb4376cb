"""The one way time enters: a function handed in, so that a test or a replay can hand in another."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the present moment, in UTC, with its time zone."""
