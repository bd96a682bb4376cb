"""Carries out the action of each column, with the key of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from secmlops.core.errors import InputError
from secmlops.data.arrow import Chunks
from secmlops.data.discovery.entity_model import EntityModel
from secmlops.data.protection.actions import Action
from secmlops.data.protection.column_key import column_key
from secmlops.data.protection.encrypt import KEY_BYTES, encrypt
from secmlops.data.protection.generalise import Coarseness, Generaliser, generaliser
from secmlops.data.protection.mask import mask
from secmlops.data.protection.order import Domain, ProtectionOrder
from secmlops.data.protection.pseudonymise import pseudonymise
from secmlops.data.protection.redact import redact
from secmlops.data.protection.reversible import pseudonymise_reversibly
from secmlops.data.protection.shift_dates import shift_dates
from secmlops.data.values import type_of

_MAC_BYTES = 32


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
        return self.carry_out_part(order, table, found)

    def carry_out_part(
        self, order: ProtectionOrder, part: pa.Table, generalisers: Mapping[str, Generaliser]
    ) -> pa.Table:
        """Protect some rows of the ordered table, or some of its columns with that of the persons.

        ``generalisers`` are those of all rows, by column.
        """
        protect, actions = order.dataset.protect, self._actions(order, part, generalisers)
        return pa.table(
            {
                name: actions[protect.get(name, Action.KEEP)](name, part[name])
                for name in part.column_names
                if protect.get(name) != Action.DROP
            }
        )

    def _actions(
        self, order: ProtectionOrder, part: pa.Table, generalisers: Mapping[str, Generaliser]
    ) -> Mapping[str, Callable[[str, Chunks], Chunks]]:
        dataset = order.dataset

        def key(purpose: str, column: str, length: int = _MAC_BYTES) -> bytes:
            return column_key(order.key, purpose, self.domain(dataset.name, column), length)

        def shifted(_name: str, column: Chunks) -> Chunks:
            if dataset.subject_id is None:
                raise InputError("no column names the persons whose dates are shifted", where=dataset.name)
            persons = part[dataset.subject_id]
            return shift_dates(column, persons, key(Action.SHIFT, dataset.subject_id), self.shift_days)

        return {
            Action.REDACT: lambda _name, column: redact(column, self.model),
            Action.MASK: lambda _name, column: mask(column, self.shown),
            Action.PSEUDONYMISE: lambda name, column: pseudonymise(column, key(Action.PSEUDONYMISE, name)),
            Action.REVERSIBLE: lambda name, column: pseudonymise_reversibly(
                column, order.reversal(self.domain(dataset.name, name))
            ),
            Action.SHIFT: shifted,
            Action.GENERALISE: lambda name, column: generalisers[name](column),
            Action.ENCRYPT: lambda name, column: encrypt(column, key(Action.ENCRYPT, name, KEY_BYTES)),
            Action.KEEP: lambda _name, column: column,
        }
