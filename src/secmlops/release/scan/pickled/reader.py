"""Reading a file as pickles, one after the other, as ``pickle.load`` and ``joblib.load`` would."""

from contextlib import suppress

from secmlops.core.errors import VerificationError
from secmlops.release.scan.inspection import Data, Inspection
from secmlops.release.scan.limits import Limits
from secmlops.release.scan.pickled.calls import CALL_HANDLERS
from secmlops.release.scan.pickled.machine import Broken, Handler, Machine, refuse
from secmlops.release.scan.pickled.opcodes import DATA_HANDLERS
from secmlops.release.scan.rules import PICKLE_BROKEN, PICKLE_CALL, PICKLE_TRAILING, PICKLE_UNRESOLVED
from secmlops.release.scan.verdict import Place

HANDLERS: tuple[Handler, ...] = tuple(
    DATA_HANDLERS.get(opcode) or CALL_HANDLERS.get(opcode) or refuse for opcode in range(256)
)
_CALLS = {PICKLE_CALL.id, PICKLE_UNRESOLVED.id}


def read_pickles(place: Place, data: Data, inspection: Inspection) -> None:
    """Read every pickle of ``data``; what follows the last one, or breaks one off, is a finding."""
    pos = 0
    while pos < len(data):
        inspection.count_members(1)
        machine = Machine(HANDLERS, place, data, inspection)
        machine.pos = pos
        try:
            machine.run()
        except Broken as error:
            rule = PICKLE_TRAILING if pos else PICKLE_BROKEN
            told = "bytes after the pickle's end are no pickle" if pos else "cannot be read to its end"
            machine.flag(rule, f"{told}: {error.what}")
            return
        pos = machine.pos


def read_one(place: Place, data: Data, inspection: Inspection, start: int) -> Machine:
    """Machine that has read the pickle at byte ``start`` of a PyTorch file; raises Broken where it breaks off."""
    machine = Machine(HANDLERS, place, data, inspection)
    machine.pos = start
    machine.in_torch = True
    machine.by_joblib = False
    machine.run()
    return machine


def reads_as_pickle(data: Data) -> tuple[bool, bool]:
    """Whether a pickle in these bytes takes a name, and whether it also calls something or comes to its end."""
    scratch = Inspection(Limits(), lambda *_: "unread").scratch()
    machine = Machine(HANDLERS, Place(("probe",)), data, scratch)
    with suppress(VerificationError):
        machine.run()
    called = any(finding.rule in _CALLS for finding in scratch.findings)
    return machine.named > 0, machine.stopped or called
