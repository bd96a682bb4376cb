"""How answers go with a feature: partial dependence with curves of single rows, and accumulated local effects."""

import math

import msgspec

from secmlops.core.visible import shortened
from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.plot import BOTTOM, HEIGHT, TOP, WIDTH, Axis, Plot
from secmlops.report.charts.scale import bounds
from secmlops.report.charts.svg import Drawing

TITLE = "How do answers go with a feature?"
_SHOWN = 3
_DECILES = 10
_RUG = 8.0


class Effect(msgspec.Struct, frozen=True):
    """Answers by the values ``at`` of one feature; ``share`` are the shares of rows up to there, or with it."""

    feature: str
    at: list[float | str]
    mean: list[float]
    curves: list[list[float]]
    share: list[float]
    local: list[float] | None = None

    def __post_init__(self) -> None:
        lines = [self.mean, self.share, *self.curves, *([self.local] if self.local else [])]
        numbers = [*(v for line in lines for v in line), *self.numbers]
        if any(len(line) != len(self.at) for line in lines) or not all(map(math.isfinite, numbers)):
            raise ValueError("a line of another length, or of no numbers")  # msgspec makes it its own error

    @property
    def numbers(self) -> list[float]:
        """Values of a numeric feature; of a category none."""
        return [v for v in self.at if isinstance(v, float)]


class Effects(msgspec.Struct, frozen=True):
    """The product ``effects`` of ``assurance.explain``."""

    scale: str
    features: list[Effect]


def effects(product: bytes | None) -> tuple[Picture, ...]:
    """Draw the product ``effects``: one picture for each of the features that move answers most."""
    if product is None:
        return (undrawn(TITLE, "How answers go with single features has not been measured."),)
    try:
        told = msgspec.json.decode(product, type=Effects)
    except msgspec.MsgspecError:
        return (undrawn(TITLE, "The stored curves cannot be read, and are not drawn."),)
    shown = [one for one in told.features if one.local and 1 < len(one.at) == len(one.numbers)][:_SHOWN]
    if not shown:
        return (undrawn(TITLE, "No feature among the first is a number."),)
    return tuple(_picture(one, told.scale, number) for number, one in enumerate(shown))


def _picture(effect: Effect, scale: str, number: int) -> Picture:
    title, places = f"How do answers go with {shortened(effect.feature, 40)}?", effect.numbers
    caption = (
        "The full line is the mean answer when every row gets this value, thin ones are single rows; where they cross, "
        "other features decide what this one does. The dashed line only moves rows near to where they are: where it "
        "parts from the full one, the mean counts rows that nobody has. Ticks below stand for a tenth of the rows each."
    )
    local = effect.local or []
    rows = tuple(
        (figures.number(at), figures.number(mean), figures.number(near))
        for at, mean, near in zip(places, effect.mean, local, strict=True)
    )
    return Picture(title, _draw(effect, scale, (f"effect{number}", title)), caption, _heads(effect), rows)


def _heads(effect: Effect) -> tuple[str, ...]:
    return (effect.feature, "partial dependence", "accumulated local effects")


def _draw(effect: Effect, scale: str, named: tuple[str, str]) -> str:
    at, local = effect.numbers, effect.local or []
    values = [v for line in (effect.mean, local, *effect.curves) for v in line]
    told = f"From {effect.mean[0]:.3f} at {at[0]:g} to {effect.mean[-1]:.3f} at {at[-1]:g}."
    drawing = Drawing(named[0], (WIDTH, HEIGHT), named[1], told)
    y = Axis(*bounds(min(values), max(values)), f"answer, {scale.replace('-', ' ')}")
    plot = Plot(drawing, Axis(at[0], at[-1], shortened(effect.feature, 60)), y)
    for curve in effect.curves:
        drawing.path([plot.at(x, v) for x, v in zip(at, curve, strict=True)], kind="grid", fill="none")
    drawing.path([plot.at(x, v) for x, v in zip(at, local, strict=True)], kind="two-line")
    drawing.path([plot.at(x, v) for x, v in zip(at, effect.mean, strict=True)], kind="one-line")
    floor = HEIGHT - BOTTOM
    for tenth in range(1, _DECILES):
        reached = next((x for x, share in zip(at, effect.share, strict=True) if share >= tenth / _DECILES), at[-1])
        drawing.line((plot.x(reached), floor), (plot.x(reached), floor - _RUG), kind="axis")
    drawing.text((330, TOP - 16), "full: mean, dashed: local", kind="label")
    return drawing.svg()
