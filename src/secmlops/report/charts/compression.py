"""What each way of compression costs and gains: the loss of score with its interval, beside the size that is left."""

from collections.abc import Callable, Sequence

import msgspec

from secmlops.report import figures
from secmlops.report.charts.picture import Picture, undrawn
from secmlops.report.charts.scale import Scale, bounds
from secmlops.report.charts.svg import Drawing

TITLE = "What does a smaller model cost?"
_WIDTH, _LEFT, _RIGHT, _TOP, _ROW = 560.0, 184.0, 120.0, 40.0, 28.0
_NAMES = {
    "uncompressed": "as it was",
    "chosen": "the model",
    "prune": "trees pruned",
    "leaves": "leaves pruned",
    "int8": "integers",
    "dynamic": "integers by row",
}
_SCORES = {"auc": "AUC", "r2": "R squared"}
Write = Callable[[float], str]


class Way(msgspec.Struct, frozen=True):
    """One candidate: its facts, its agreement with the model as it was, and its loss with both ends of its interval."""

    name: str
    facts: dict[str, float]
    agreement: float
    loss: tuple[float, float, float]

    @property
    def label(self) -> str:
        """Name for people."""
        return _NAMES.get(self.name, f"distilled, {self.name.replace('_', ' ')}")


class Compared(msgspec.Struct, frozen=True):
    """The product ``candidates`` of ``assurance.compression``: the model as it was comes first."""

    score: str
    candidates: list[Way]


def compression(product: bytes | None) -> Picture | None:
    """Draw the product ``candidates`` of ``assurance.compression``; None where nothing was compressed."""
    if product is None:
        return None
    try:
        found = msgspec.json.decode(product, type=Compared)
    except msgspec.MsgspecError:
        return undrawn(TITLE, "The stored comparison cannot be read, and is not drawn.")
    if len(found.candidates) < 2 or any("model_bytes" not in way.facts for way in found.candidates):
        return undrawn(TITLE, "No compressed model was compared.")
    score = _SCORES.get(found.score, found.score)
    caption = (
        f"How much {score} each way of making the model smaller loses on rows that it never saw, with its bootstrap "
        "interval, and the bytes that are left. Left of the line it gained. Only the one called the model is released; "
        "the others were tried for the comparison. Times are of the machine that measured them."
    )
    kinds = _columns(found)
    heads = ("way", f"{score} lost", "interval", "agreement", *(head for _, head, _ in kinds))
    rows = tuple(
        (
            way.label,
            figures.score(way.loss[0]),
            f"{figures.score(way.loss[1])} to {figures.score(way.loss[2])}",
            figures.share(way.agreement),
            *(write(way.facts[name]) if name in way.facts else "" for name, _, write in kinds),
        )
        for way in found.candidates
    )
    return Picture(TITLE, _draw(found.candidates, score), caption, heads, rows)


def _columns(found: Compared) -> tuple[tuple[str, str, Write], ...]:
    """Facts that the table tells, with their headings, as far as they were measured."""
    robust = next((name for name in found.candidates[0].facts if name.startswith("robust_accuracy_at_")), "")
    known: tuple[tuple[str, str, Write], ...] = (
        ("ece", "calibration error", figures.score),
        ("fairness_gap", "gap between groups", figures.score),
        (robust, f"right under attack of cost {robust.rpartition('_')[2]}", figures.share),
        ("membership_auc", "members told, AUC", figures.score),
        ("model_bytes", "size", figures.size),
        ("row_microseconds", "one row, µs", figures.number),
        ("batch_microseconds", "1,000 rows, µs", figures.count),
    )
    return tuple(column for column in known if any(column[0] in way.facts for way in found.candidates))


def _draw(ways: Sequence[Way], score: str) -> str:
    told = "; ".join(f"{w.label}: {w.loss[0]:.3f} lost, {figures.size(w.facts['model_bytes'])}" for w in ways)
    floor = _TOP + _ROW * len(ways)
    drawing = Drawing("compression", (_WIDTH, floor + 44), TITLE, told)
    ends = [end for way in ways for end in way.loss]
    scale = Scale(*bounds(min(ends), max(ends)), _LEFT, _WIDTH - _RIGHT)
    for tick in scale.ticks(4):
        drawing.line((scale(tick), _TOP), (scale(tick), floor), kind="grid")
        drawing.text((scale(tick), floor + 18), scale.written(tick), kind="tick", anchor="middle")
    drawing.line((scale(0), _TOP), (scale(0), floor), kind="ideal")
    drawing.text(((_LEFT + _WIDTH - _RIGHT) / 2, floor + 38), f"{score} lost", kind="label", anchor="middle")
    drawing.text((_WIDTH - _RIGHT + 14, _TOP - 12), "size", kind="label")
    for number, way in enumerate(ways):
        y = _TOP + _ROW * (number + 0.5)
        drawing.text((_LEFT - 10, y + 4), way.label, kind="label", anchor="end")
        drawing.line((scale(way.loss[1]), y), (scale(way.loss[2]), y), kind="whisker")
        drawing.dot((scale(way.loss[0]), y), 5, kind="one" if way.name == "chosen" else "open")
        left = way.facts["model_bytes"] / max(ways[0].facts["model_bytes"], 1.0)
        words = figures.size(way.facts["model_bytes"])
        drawing.text((_WIDTH - _RIGHT + 14, y + 4), words if not number else f"{words} ({left:.0%})", kind="tick")
    return drawing.svg()
