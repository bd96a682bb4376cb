"""Who is under a sanction, until when and how severe: bounded, however many are sanctioned."""

_MOST_KEPT = 65_536


class Sanctions:
    """Sanctions of one kind by who is under them. False while nobody is, which is most of the time.

    When there are too many, those that have ended are forgotten, and where none has, the one imposed longest ago.
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._held: dict[str, tuple[float, float]] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def impose(self, who: str, now: float, until: float, severity: float = 1.0) -> None:
        """Sanction ``who`` until a moment; it takes the place of an earlier one."""
        self._held.pop(who, None)
        if len(self._held) >= self._most:
            self._held = {name: one for name, one in self._held.items() if now < one[0]}
        if len(self._held) >= self._most:
            del self._held[next(iter(self._held))]
        self._held[who] = until, severity

    def severity(self, who: str, now: float) -> float:
        """How severe the sanction on ``who`` is; 0.0 for nobody's."""
        held = self._held.get(who)
        if held is None:
            return 0.0
        until, severity = held
        if now < until:
            return severity
        del self._held[who]
        return 0.0
