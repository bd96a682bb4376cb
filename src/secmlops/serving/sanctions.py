"""Who is under a sanction, until when and how severe: bounded, however many are sanctioned."""

_MOST_KEPT = 65_536


class Sanctions(dict[str, tuple[float, float]]):
    """Sanctions of one kind, until when and how severe, by who is under them. Empty, so false, most of the time.

    When there are too many, those that have ended are forgotten, and where none has, the one imposed longest ago.
    """

    def __init__(self, most: int = _MOST_KEPT) -> None:
        super().__init__()
        self._most = most

    def impose(self, who: str, now: float, until: float, severity: float = 1.0) -> None:
        """Sanction ``who`` until a moment; it takes the place of an earlier one."""
        self.pop(who, None)
        if len(self) >= self._most:
            for name in [name for name, (end, _) in self.items() if end <= now]:
                del self[name]
        if len(self) >= self._most:
            del self[next(iter(self))]
        self[who] = until, severity

    def severity(self, who: str, now: float) -> float:
        """How severe the sanction on ``who`` is; 0.0 for nobody's."""
        held = self.get(who)
        if held is None:
            return 0.0
        until, severity = held
        if now < until:
            return severity
        del self[who]
        return 0.0
