"""Reading a file as pickles, one after the other, as ``pickle.load`` and ``joblib.load`` would."""

from secmlops.release.scan.inspection import Data, Inspection, LimitReached
from secmlops.release.scan.limits import Limits
from secmlops.release.scan.pickled.calls import CALL_HANDLERS
from secmlops.release.scan.pickled.machine import Broken, Handler, Machine, refuse
from secmlops.release.scan.pickled.opcodes import DATA_HANDLERS
from secmlops.release.scan.rules import PICKLE_BROKEN, PICKLE_CALL, PICKLE_TRAILING, PICKLE_UNRESOLVED
from secmlops.release.scan.verdict import Place

_PROBE = Limits(opcode_bytes=1 << 16, depth=0)
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


def reads_as_pickle(data: Data, *, claimed: bool = False) -> tuple[bool, bool]:
    """Whether a pickle in these bytes takes a name, and whether it also calls something or comes to its end.

    Text often begins like a pickle: ``class Vault:`` takes a name of the module ``lass Vault:``. An unpickler raises
    ImportError there, and nothing has run; so such a name ends the reading, unless the file is ``claimed`` to be a
    pickle. What came before counts. What goes on as opcodes for longer than the probe is both: no other format does,
    and it must be read in full.
    """
    scratch = Inspection(_PROBE, lambda *_: "unread")
    machine = Machine(HANDLERS, Place(("probe",)), data, scratch)
    machine.probing = not claimed
    try:
        machine.run()
    except LimitReached:
        return True, True
    except Broken:
        pass
    called = any(finding.rule in _CALLS for finding in scratch.findings)
    return machine.named > 0, machine.stopped or called
