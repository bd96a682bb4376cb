"""cleanlab's answer to which labels are wrong, from given probabilities: reads and writes NumPy files."""

import sys

import numpy as np
from cleanlab.filter import find_label_issues


def main() -> None:
    cases = np.load(sys.argv[1])
    count = len(cases.files) // 2
    masks = {f"found{n}": find_label_issues(cases[f"labels{n}"], cases[f"outputs{n}"], n_jobs=1) for n in range(count)}
    np.savez(sys.argv[2], **masks)


if __name__ == "__main__":
    main()
