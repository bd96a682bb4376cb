"""sliceline's answer to where a model errs most, and fairlearn's differences between groups: NumPy files in and out."""

import resource
import sys
import time

import numpy as np
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from sliceline.slicefinder import Slicefinder


def main() -> None:
    given = np.load(sys.argv[1], allow_pickle=False)
    began = time.perf_counter()
    finder = Slicefinder(alpha=0.999, k=1, max_l=2, min_sup=given["errors"].size // 200, verbose=False)
    finder.fit(given["binned"], given["errors"])
    seconds = time.perf_counter() - began
    told = np.array([-1 if value is None else int(value) for value in finder.top_slices_[0]])
    target, called, group = given["target"], given["called"], given["group"]
    began = time.perf_counter()
    differences = [
        demographic_parity_difference(target, called, sensitive_features=group),
        equalized_odds_difference(target, called, sensitive_features=group),
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    np.savez(
        sys.argv[2],
        slice=told,
        seconds=seconds,
        memory=memory,
        differences=differences,
        fair_seconds=time.perf_counter() - began,
    )


if __name__ == "__main__":
    main()
