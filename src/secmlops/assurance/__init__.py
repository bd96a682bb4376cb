"""Whether a model is good enough: better than a trivial guess, calibrated, and no better on what it learnt from."""
