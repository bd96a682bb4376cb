"""What it cost: time by control, divided into training and what security adds, and memory."""

from collections.abc import Mapping

from secmlops.core.evidence import Evidence
from secmlops.report import figures
from secmlops.report.charts.bars import Bar, Parts, bar_chart, part_chart
from secmlops.report.charts.picture import Picture, undrawn

TRAINING = "training.run"
_TIME, _SPLIT, _MEMORY = "Where the time went", "Training, and what security adds", "Memory at most"


def training_seconds(evidence: Mapping[str, Evidence]) -> float:
    """Wall seconds of the training itself: what the code took inside the sandbox."""
    trained = evidence.get(TRAINING)
    return min(trained.measures.get("seconds", trained.price.wall_s), trained.price.wall_s) if trained else 0.0


def price_pictures(evidence: Mapping[str, Evidence]) -> tuple[Picture, ...]:
    """Draw time as a whole, time by control, and memory by control."""
    if not evidence:
        return (undrawn(_TIME, "Nothing has run yet."),)
    return (_split(evidence), _by_control(evidence), _memory(evidence))


def _split(evidence: Mapping[str, Evidence]) -> Picture:
    training = training_seconds(evidence)
    added = sum(e.price.wall_s for e in evidence.values()) - training
    wholes = [Parts("all controls", (training, added))]
    names = ("training", "what security adds")
    caption = (
        "Training is the time of the training code inside the sandbox, learning curve included. All else counts as "
        "added: building the sandbox, protecting, measuring, scanning, signing."
    )
    rows = (("training", figures.seconds(training)), ("what security adds", figures.seconds(added)))
    svg = part_chart("split", _SPLIT, wholes, names, figures.seconds)
    return Picture(_SPLIT, svg, caption, ("part", "wall time"), rows)


def _by_control(evidence: Mapping[str, Evidence]) -> Picture:
    bars = [Bar(control, e.price.wall_s, second=control != TRAINING) for control, e in evidence.items()]
    caption = "Wall time of each control when it ran last. Filled: training. Hatched: what security adds."
    rows = tuple(
        (control, figures.seconds(e.price.wall_s), figures.seconds(e.price.cpu_s)) for control, e in evidence.items()
    )
    return Picture(
        _TIME, bar_chart("time", _TIME, bars, figures.seconds), caption, ("control", "wall time", "CPU time"), rows
    )


def _memory(evidence: Mapping[str, Evidence]) -> Picture:
    held = [Bar(control, float(e.price.peak_bytes), second=True) for control, e in evidence.items()]
    trained = evidence.get(TRAINING)
    sandbox = trained.measures.get("peak_memory_bytes") if trained else None
    bars = held if sandbox is None else [Bar("inside the sandbox", sandbox), *held]
    caption = (
        "Resident memory at its highest while each control ran (hatched), which includes the program itself; and that "
        "of the training code inside the sandbox (filled)."
    )
    rows = tuple((bar.label, figures.size(bar.amount)) for bar in bars)
    return Picture(
        _MEMORY, bar_chart("memory", _MEMORY, bars, figures.size), caption, ("control", "memory at most"), rows
    )
