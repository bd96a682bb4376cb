"""What our own code in the child may advise: it shares its process with the user's, so the parent takes no other words.

Every error raised there takes its hint from this list.
"""

from enum import StrEnum


class Advice(StrEnum):
    """What to do about an estimator or a training function that gives no model."""

    FUNCTION = "def fit(X, y, seed): ..."
    PROBABILITIES = "wrap it in CalibratedClassifierCV, or take another"
    CLASSES = "fit it on y as it was given"
    CONVERTIBLE = (
        "use scikit-learn estimators that skl2onnx supports, in a Pipeline that begins with a ColumnTransformer"
    )
    FOR_QUANTITIES = "for a quantity take linear_regression"
    FOR_CLASSES = "for classes take logistic_regression"
    COMPRESSIBLE = "compress a model that scikit-learn, XGBoost or LightGBM made, or leave training.compress out"
    RECALIBRATION = "gather more rows of it, or leave training.recalibrate out"
    IMPUTE = "fill the gaps first, with a SimpleImputer"
    NO_PRODUCTS = "quantise linear models and networks; prune trees, or distil them"
    NO_TREES = "prune forests and boosting; quantise linear models and networks"
    MODELS = "known: gradient_boosting, linear_regression, logistic_regression, neural_network, random_forest"


def is_ours(hint: str) -> bool:
    """Whether ``hint`` is one of ours, word for word."""
    return any(hint == ours for ours in Advice)
