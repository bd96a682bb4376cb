"""Strange rows made from real ones: what a guard ought to notice, of a few kinds, in known numbers."""

import numpy as np

from secmlops.runtime.signature import Inputs

_MISSPELT = "~"
_LARGEST = 3e38


def strange_rows(honest: Inputs, generator: np.random.Generator) -> dict[str, Inputs]:
    """Strange copies of ``honest`` [n], n of each kind that its columns allow.

    ``far_values``: every number somewhere outside its range, up to its width away. ``out_of_range``: the same for one
    number of each row only. ``broken_dependence``: every column shuffled by itself, so that each value is usual and
    their combination is not. ``mixed_categories``: each text in the column of another, or misspelt where there is one
    column.
    """
    made: dict[str, Inputs] = {}
    rows, numbers = honest.numeric.shape
    texts = honest.categorical.shape[1]
    if numbers:
        everywhere = np.ones((rows, numbers), np.bool_)
        made["far_values"] = Inputs(_pushed(honest.numeric, everywhere, generator), honest.categorical)
        one = np.arange(numbers) == generator.integers(numbers, size=(rows, 1))
        made["out_of_range"] = Inputs(_pushed(honest.numeric, one, generator), honest.categorical)
    if numbers + texts > 1:
        shuffled = (generator.permuted(columns, axis=0) for columns in (honest.numeric, honest.categorical))
        made["broken_dependence"] = Inputs(*shuffled)
    if texts > 1:
        made["mixed_categories"] = Inputs(honest.numeric, np.roll(honest.categorical, 1, axis=1))
    elif texts:
        misspelt = np.array([[str(text) + _MISSPELT] for text in honest.categorical[:, 0]], object)
        made["mixed_categories"] = Inputs(honest.numeric, misspelt.reshape(rows, 1))
    return made


def _pushed(
    numeric: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    chosen: np.ndarray[tuple[int, int], np.dtype[np.bool_]],
    generator: np.random.Generator,
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Numbers [n, p], the chosen ones outside the range of their column: by a tenth of its width up to the whole."""
    low, high = (np.nan_to_num(end.reduce(numeric.astype(np.float64), axis=0)) for end in (np.fmin, np.fmax))
    width = np.where(high > low, high - low, np.maximum(np.abs(high), 1))
    beyond = generator.uniform(0.1, 1, numeric.shape) * width
    outside = np.where(generator.random(numeric.shape) < 0.5, low - beyond, high + beyond)
    return np.where(chosen, outside.clip(-_LARGEST, _LARGEST), numeric).astype(np.float32)
