"""Carries out the action of each column, with the key of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.discovery.entity_model import EntityModel
from secmlops.data.protection.actions import Action
from secmlops.data.protection.column_key import column_key
from secmlops.data.protection.each_value import OnTexts, Recalled, map_texts
from secmlops.data.protection.encrypt import KEY_BYTES, encryption
from secmlops.data.protection.generalise import Coarseness, Generaliser, generaliser
from secmlops.data.protection.mask import masking
from secmlops.data.protection.order import Domain, ProtectionOrder
from secmlops.data.protection.pseudonymise import pseudonyms
from secmlops.data.protection.redact import redaction
from secmlops.data.protection.reversible import reversible_pseudonyms
from secmlops.data.protection.shift_dates import shift_dates
from secmlops.data.values import type_of

_MAC_BYTES = 32

ColumnAction = Callable[[Chunks, pa.Table], Chunks]
"""Protects a part of one column; the part of the table that it is from says whose it is."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How the actions are carried out, where they leave a choice.

    ``domain`` gives what the key of a column is bound to, ``model`` finds more in texts; ``shown`` characters of what
    is masked stay, dates move by up to ``shift_days``.
    """

    coarseness: Coarseness
    shown: int
    shift_days: int
    domain: Callable[[str, str], Domain]
    model: EntityModel | None = None

    def carry_out(self, order: ProtectionOrder) -> pa.Table:
        """Table without the columns that are dropped, and with the others as they were ordered."""
        table, protect = order.dataset.table, order.dataset.protect
        coarser = [name for name in table.column_names if protect.get(name) == Action.GENERALISE]
        found = {name: generaliser(name, type_of(table[name]), [table[name]], self.coarseness) for name in coarser}
        return carried_out(self.actions(order, found), table)

    def actions(
        self, order: ProtectionOrder, generalisers: Mapping[str, Generaliser], remembered: int = 0
    ) -> Mapping[str, ColumnAction]:
        """What is done with each column that is not dropped, for all parts of the ordered table.

        ``generalisers`` are those of all rows, by column. What became of ``remembered`` values, in all columns
        together, is kept for the parts that come after.
        """
        protect = order.dataset.protect
        asked = {name: Action(protect.get(name, Action.KEEP)) for name in order.dataset.table.column_names}
        made: dict[str, ColumnAction] = {}
        texts = {name: found for name, action in asked.items() if (found := self._on_texts(order, name, action))}
        for name, action in asked.items():
            if name in texts:
                made[name] = _each_text(Recalled(texts[name], remembered // len(texts)) if remembered else texts[name])
            elif action is Action.SHIFT:
                made[name] = self._shifting(order)
            elif action is Action.GENERALISE:
                made[name] = _alone(generalisers[name])
            elif action is Action.KEEP:
                made[name] = _alone(lambda column: column)
        return made

    def _on_texts(self, order: ProtectionOrder, name: str, action: Action) -> OnTexts | None:
        """What is done with each different value of a column; None where more than the value counts."""
        dataset = order.dataset.name
        match action:
            case Action.REDACT:
                return redaction(self.model)
            case Action.MASK:
                return masking(self.shown)
            case Action.PSEUDONYMISE:
                return pseudonyms(self._key(order, action, name, _MAC_BYTES))
            case Action.REVERSIBLE:
                return reversible_pseudonyms(order.reversal(self.domain(dataset, name)))
            case Action.ENCRYPT:
                return encryption(self._key(order, action, name, KEY_BYTES))
        return None

    def _shifting(self, order: ProtectionOrder) -> ColumnAction:
        whose = order.dataset.subject_id
        if whose is None:
            raise InputError("no column names the persons whose dates are shifted", where=order.dataset.name)
        key = self._key(order, Action.SHIFT, whose, _MAC_BYTES)
        return lambda column, part: shift_dates(column, part[whose], key, self.shift_days)

    def _key(self, order: ProtectionOrder, purpose: str, column: str, length: int) -> bytes:
        return column_key(order.key, purpose, self.domain(order.dataset.name, column), length)


def carried_out(actions: Mapping[str, ColumnAction], part: pa.Table) -> pa.Table:
    """Protect some rows of the ordered table, or some of its columns with that of the persons."""
    return pa.table({name: actions[name](part[name], part) for name in part.column_names if name in actions})


def _each_text(function: OnTexts) -> ColumnAction:
    return lambda column, _part: map_texts(column, function)


def _alone(function: Generaliser) -> ColumnAction:
    return lambda column, _part: function(column)
