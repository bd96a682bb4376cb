"""The ROC curve of membership inference, on logarithmic axes: what matters is who is found at few false alarms."""

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import HEIGHT, WIDTH, Axis, Plot
from secmlops.report.charts.svg import Drawing

TITLE = "Who is known to have been learned from?"
_LEAST = 1e-3
_SHOWN = (0.001, 0.01, 0.1)


class Curve(msgspec.Struct, frozen=True):
    """Shares of others and of members above each threshold, rising."""

    false: list[float]
    true: list[float]

    def __post_init__(self) -> None:
        if len(self.false) != len(self.true) or not self.false:
            raise ValueError("not as many members as others")  # msgspec makes it its own error

    def found(self, at: float) -> float:
        """Share of members found at no more than this share of false alarms."""
        return max((true for false, true in zip(self.false, self.true, strict=True) if false <= at), default=0.0)


def membership(product: bytes | None) -> Picture:
    """Draw the product ``roc`` of ``assurance.membership``."""
    if product is None:
        return undrawn(TITLE, "Membership inference has not been tried.")
    try:
        curves = msgspec.json.decode(product, type=dict[str, Curve])
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored curves cannot be read, and are not drawn.")
    if not curves:
        return undrawn(TITLE, "No attack was tried.")
    best = max(curves, key=lambda name: curves[name].found(0.01))
    caption = (
        "Training rows that each attack finds, by the share of other rows it takes for one; the full line is the "
        f"strongest at 1 % ({_named(best)}). On the dashed line it finds no more than chance."
    )
    heads = ("attack", *(f"found at {figures.share(at)}" for at in _SHOWN))
    rows = tuple((_named(name), *(figures.share(curve.found(at)) for at in _SHOWN)) for name, curve in curves.items())
    return Picture(TITLE, _draw(curves, best), caption, heads, rows)


def _draw(curves: dict[str, Curve], best: str) -> str:
    told = f"{len(curves)} attacks; {_named(best)} finds {figures.share(curves[best].found(0.01))} at 1 % false alarms."
    drawing = Drawing("membership", (WIDTH, HEIGHT), TITLE, told)
    plot = Plot(
        drawing,
        Axis(_LEAST, 1.0, "others taken for a training row, share", log=True),
        Axis(_LEAST, 1.0, "training rows found, share", log=True),
    )
    drawing.line(plot.at(_LEAST, _LEAST), plot.at(1.0, 1.0), kind="ideal")
    for name, curve in sorted(curves.items(), key=lambda one: one[0] == best):
        steps = [plot.at(max(f, _LEAST), max(t, _LEAST)) for f, t in zip(curve.false, curve.true, strict=True)]
        drawing.path(steps, kind="one-line" if name == best else "thin one-line")
    return drawing.svg()


def _named(name: str) -> str:
    return name.replace("_", " ")
