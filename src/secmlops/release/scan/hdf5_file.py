"""Reading HDF5 files for Keras models inside: Lambda layers are found, anything else cannot be told yet."""

from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.rules import HDF5_STRUCTURE, KERAS_LAMBDA
from secmlops.release.scan.verdict import Place


def read_hdf5(place: Place, data: Data, inspection: Inspection) -> None:
    """Search the bytes for Lambda layers."""
    raw = bytes(data)
    if b'"Lambda"' in raw or b"__lambda__" in raw:
        inspection.flag(KERAS_LAMBDA, place, "a layer of class Lambda holds code")
    inspection.flag(HDF5_STRUCTURE, place, "HDF5 files are not understood")
