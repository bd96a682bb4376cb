"""The converter of histogram boosting is wrapped once."""

from skl2onnx.common._registration import get_converter

from secmlops.training import boosting


def test_registering_twice_wraps_once() -> None:
    boosting.register()
    wrapped = get_converter("SklearnHistGradientBoostingClassifier")
    boosting.register()
    assert get_converter("SklearnHistGradientBoostingClassifier") is wrapped


def test_only_truth_values_change() -> None:
    assert boosting._integers([True, 0, False]) == [1, 0, 0]
    assert boosting._integers(["a"]) == ["a"]
    assert boosting._integers("SUM") == "SUM"
