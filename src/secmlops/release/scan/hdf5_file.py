"""Reading HDF5 files: Keras configurations in attributes, and everything that makes a reader open other files."""

from secmlops.core.errors import VerificationError
from secmlops.release.scan.hdf5_structure import Hdf5
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.keras_model import check_keras_config
from secmlops.release.scan.rules import HDF5_EXTERNAL, HDF5_STRUCTURE, KERAS_LAMBDA
from secmlops.release.scan.verdict import Place

_MARSHALLED = (b'"Lambda"', b"__lambda__")


def read_hdf5(place: Place, data: Data, inspection: Inspection) -> None:
    """Walk every object; where the structure is not understood, still search the bytes for Lambda layers."""
    file = Hdf5(data, inspection.limits.nodes)
    try:
        for kind, at, size in file.messages():
            if file.reads_other_files(kind, at):
                inspection.flag(HDF5_EXTERNAL, place.at(at), "a part of the data is read from another file")
            for name, text in file.texts(kind, at, size):
                if name.endswith("_config") or text.lstrip().startswith(b"{"):
                    check_keras_config(place.at(at), text, inspection)
    except VerificationError as error:
        inspection.flag(HDF5_STRUCTURE, place, f"not understood: {error.what}")
        raw = bytes(data)
        if any(mark in raw for mark in _MARSHALLED):
            inspection.flag(KERAS_LAMBDA, place, "a layer of class Lambda holds code")
