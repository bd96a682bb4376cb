"""Finding personal data in texts and tables, beside Presidio's analyzer: ``python benchmarks/discovery.py``.

Presidio lives in a private environment under ``benchmarks/.env-discovery``, made on the first run, with its pattern
recognisers and no language model. Texts of ten formats hold made-up values and harmless numbers; who finds a value must
name its kind and at least half of its characters. Times are CPU seconds of the search alone.
"""

import argparse
import json
import random
import subprocess
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from rich.console import Console
from rich.table import Table

from bar import Bar, table_of
from made_up_persons import KINDS, filled, harmless, luhn_digit
from secmlops.data.discovery.columns import discover
from secmlops.data.reading import read_table
from secmlops.data.recognise.spans import spans

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".env-discovery"
Hit = tuple[int, int, str]

PRESIDIO = """
import json, sys, time, logging
logging.disable(logging.CRITICAL)
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

class WithoutModel(NlpEngine):
    def __init__(self): self.nlp = spacy.blank("en")
    def load(self): pass
    def is_loaded(self): return True
    def process_text(self, text, language):
        doc = self.nlp(text)
        words = [token.text.lower() for token in doc]
        return NlpArtifacts([], doc, [token.idx for token in doc], words, self, language)
    def process_batch(self, texts, language, **kwargs): return ((t, self.process_text(t, language)) for t in texts)
    def is_stopword(self, word, language): return self.nlp.vocab[word].is_stop
    def is_punct(self, word, language): return self.nlp.vocab[word].is_punct
    def get_supported_entities(self): return []
    def get_supported_languages(self): return ["en"]

engine = WithoutModel()
registry = RecognizerRegistry()
registry.load_predefined_recognizers(languages=["en"], nlp_engine=engine)
registry.recognizers = [r for r in registry.recognizers if "Spacy" not in r.name]
analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
texts = json.load(open(sys.argv[1]))
analyzer.analyze(texts[0], "en")
start = time.process_time()
found = [[(r.start, r.end, r.entity_type) for r in analyzer.analyze(text, "en")] for text in texts]
print(json.dumps({"seconds": time.process_time() - start, "recognisers": len(registry.recognizers), "found": found}))
"""
NAMES = {
    "EMAIL_ADDRESS": "e-mail address", "PHONE_NUMBER": "phone number", "CREDIT_CARD": "payment card",
    "IBAN_CODE": "bank account", "IP_ADDRESS": "IP address", "MAC_ADDRESS": "device address",
}  # fmt: skip
"""What Presidio's pattern recognisers call the kinds that both know in every country."""


@dataclass(frozen=True)
class Sample:
    """A text, its format, and what stands in it where."""

    text: str
    format: str
    hits: tuple[Hit, ...]


@dataclass
class Score:
    """Findings that were right or wrong, and values that were missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / max(2 * self.right + self.wrong + self.missed, 1)

    @property
    def precision(self) -> float:
        """Share of the findings that are right."""
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Share of the values that were found."""
        return self.right / max(self.right + self.missed, 1)


class Writer:
    """Puts a text together and notes where the values stand."""

    def __init__(self, draw: random.Random) -> None:
        self.draw, self.text, self.hits = draw, "", list[Hit]()

    def say(self, *words: str) -> None:
        """Add one of the words."""
        self.text += self.draw.choice(words)

    def put(self, value: str, kind: str) -> None:
        """Add a value, and note where it stands unless it is harmless."""
        if kind:
            self.hits.append((len(self.text), len(self.text) + len(value), kind))
        self.text += value


def items(draw: random.Random) -> list[tuple[str, str, str]]:
    """Two to four of (word, value, kind), harmless ones with no kind, in random order."""
    chosen = []
    for kind in [*draw.sample(list(KINDS), draw.choice([1, 1, 2])), *[""] * draw.choice([1, 2])]:
        value, words = KINDS[kind](draw) if kind else harmless(draw)
        neutral = ("value", "details", "noted", "reference data", "field 7", "info")
        chosen.append((draw.choice(words or neutral), value, kind))
    draw.shuffle(chosen)
    return chosen


def sentence(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.say("The customer gave ", "We have noted the ", "Please check ", "As agreed, ")
        w.say(f"{word} ", f"the {word} is ", f"{word}: ")
        w.put(value, kind)
        w.say(". ", " and waits for an answer. ", ", thank you. ")


def letter(w: Writer) -> None:
    w.say("Subject: your request\n\nDear team,\n", "Subject: update\n\nHello,\n")
    for word, value, kind in items(w.draw):
        w.say(f"my {word} is ", f"here is the {word}: ", f"{word} ")
        w.put(value, kind)
        w.say(".\n", " as discussed.\n")
    w.say("Kind regards\n")


def chat(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.say("[10:22] user: ", "agent> ", "<b7> ")
        w.say(f"whats the {word}? -> ", f"{word} = ", f"{word} ")
        w.put(value, kind)
        w.say(" ok?\n", " thx\n", "\n")


def log_line(w: Writer) -> None:
    w.say("2026-03-04T10:22:01Z INFO ", "Mar  4 10:22:01 app[4471]: ", "[WARN] 10:22:01.123 ")
    for word, value, kind in items(w.draw):
        w.say(f"{word.rstrip(':').replace(' ', '_')}=")
        w.put(value, kind)
        w.say(" ", " status=200 ")


def form(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.text += f"{word.rstrip(':')}: "
        w.put(value, kind)
        w.text += "\n"


def json_text(w: Writer) -> None:
    w.text += "{"
    for word, value, kind in items(w.draw):
        parts = word.rstrip(":.").replace("-", " ").replace("'", "").split()
        name = w.draw.choice(["_".join(parts), parts[0].lower() + "".join(p.capitalize() for p in parts[1:])])
        w.text += f'"{name}": "'
        w.put(json.dumps(value, ensure_ascii=False)[1:-1], kind)
        w.text += '", '
    w.text += '"ok": true}'


def xml(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        tag = word.rstrip(":.").replace(" ", "-").replace("'", "")
        w.text += f"<{tag}>"
        w.put(value.replace("&", "&amp;"), kind)
        w.text += f"</{tag}>"


def csv_rows(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.text += f"{w.draw.randrange(100, 999)};{word.rstrip(':')};"
        w.put(value, kind)
        w.text += ";ok\n"


def sql(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.text += f"UPDATE customer SET {word.rstrip(':.').replace(' ', '_').replace(chr(39), '')} = '"
        w.put(value.replace("'", "''"), kind)
        w.text += "' WHERE row = 7;\n"


def markdown(w: Writer) -> None:
    for word, value, kind in items(w.draw):
        w.text += f"| {word.rstrip(':')} | "
        w.put(value, kind)
        w.text += " |\n"


FORMATS: dict[str, Callable[[Writer], None]] = {
    "sentence": sentence, "letter": letter, "chat": chat, "log line": log_line, "form": form, "JSON": json_text,
    "XML": xml, "CSV": csv_rows, "SQL": sql, "Markdown": markdown,
}  # fmt: skip


def samples(count: int, seed: int) -> list[Sample]:
    draw = random.Random(seed)
    made = []
    for index in range(count):
        name = list(FORMATS)[index % len(FORMATS)]
        writer = Writer(draw)
        FORMATS[name](writer)
        made.append(Sample(writer.text, name, tuple(writer.hits)))
    return made


def judge(made: Sequence[Sample], found: Sequence[Iterable[Hit]], by: Callable[[Sample, Hit], str]) -> dict[str, Score]:
    """Scores by kind or by format: a finding is right that shares half of the characters of a value of its kind."""
    scores: dict[str, Score] = {}
    for sample, hits in zip(made, found, strict=True):
        left = list(sample.hits)
        for hit in hits:
            match = next((one for one in left if one[2] == hit[2] and _overlap(one, hit) >= 0.5), None)
            score = scores.setdefault(by(sample, hit), Score())
            score.right += match is not None
            score.wrong += match is None
            if match:
                left.remove(match)
        for one in left:
            scores.setdefault(by(sample, one), Score()).missed += 1
    return scores


def _overlap(one: Hit, other: Hit) -> float:
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared / (max(one[1], other[1]) - min(one[0], other[0]))


def ours(texts: Sequence[str]) -> tuple[float, list[list[Hit]]]:
    spans(texts[0])
    start = time.process_time()
    found = [spans(text) for text in texts]
    return time.process_time() - start, [[(s.start, s.end, str(s.kind)) for s in some] for some in found]


def presidio(texts: Sequence[str]) -> tuple[float, int, list[list[Hit]]]:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "presidio-analyzer==2.2.366"], check=True)
        (ENVIRONMENT / ".gitignore").write_text("*\n")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(list(texts), file)
        file.flush()
        done = subprocess.run([python, "-c", PRESIDIO, file.name], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    found = [[(s, e, NAMES[n]) for s, e, n in some if n in NAMES] for some in told["found"]]
    return told["seconds"], told["recognisers"], found


def harmless_columns(rows: int, seed: int) -> pa.Table:
    """Thirty columns of numbers that are nobody's: of many lengths, with and without check digits, and with headers."""
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    columns: dict[str, object] = {}
    for digits in (5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16):
        columns[f"order_{digits}"] = rng.integers(10 ** (digits - 1), 10**digits, rows)
        columns[f"c{digits}"] = [filled("#" * digits, draw) for _ in range(rows)]
    columns["luhn_reference"] = [(b := filled("7" + "#" * 9, draw)) + luhn_digit(b) for _ in range(rows)]
    columns["imei"] = [(b := filled("35############", draw)) + luhn_digit(b) for _ in range(rows)]
    columns["running"] = np.arange(10**8, 10**8 + rows)
    columns["epoch"] = rng.integers(1_500_000_000, 1_790_000_000, rows)
    columns["epoch_ms"] = rng.integers(1_500_000_000_000, 1_790_000_000_000, rows)
    columns["temperature"] = np.round(rng.normal(20, 5, rows), 2)
    columns["isbn"] = [filled("978-3-####-####-#", draw) for _ in range(rows)]
    columns["barcode"] = [filled("4006381######", draw) for _ in range(rows)]
    columns["size"] = [f"{rng.integers(1, 99)}x{rng.integers(1, 99)}" for _ in range(rows)]
    columns["version"] = [filled("#.#.##", draw) for _ in range(rows)]
    columns["moment"] = [filled("2026-03-0# 1#:2#:3#", draw) for _ in range(rows)]
    return pa.table(columns)


def harmless_texts(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [
        f"{word} {value} was noted"
        for value, words in (harmless(draw) for _ in range(count))
        for word in [draw.choice(words)]
    ]


def large_table(rows: int, folder: Path) -> tuple[Path, Path]:
    """A table of customers as CSV and Parquet: eight columns, five of them personal, one of free text."""
    draw, rng = random.Random(7), np.random.default_rng(7)
    pools = {
        kind: [KINDS[kind](draw)[0] for _ in range(5_000)]
        for kind in ("e-mail address", "phone number", "bank account")
    }
    remarks = ["paid in time", "asked for a later date", "called twice and left no message", "sent the papers again"]
    remarks = [
        draw.choice(remarks) + (f", reach at {draw.choice(pools['phone number'])}" if draw.random() < 0.02 else "")
        for _ in range(5_000)
    ]
    born = [f"{1950 + i % 50}-0{1 + i % 9}-1{i % 9}" for i in range(5_000)]
    table = pa.table({
        "row": np.arange(rows), "mail": pa.array(pools["e-mail address"]).take(pa.array(rng.integers(0, 5_000, rows))),
        "telephone": pa.array(pools["phone number"]).take(pa.array(rng.integers(0, 5_000, rows))),
        "account": pa.array(pools["bank account"]).take(pa.array(rng.integers(0, 5_000, rows))),
        "born": pa.array(born).take(pa.array(rng.integers(0, 5_000, rows))),
        "amount": np.round(rng.gamma(2, 2_000, rows), 2), "order_number": rng.integers(10**10, 10**11, rows),
        "remark": pa.array(remarks).take(pa.array(rng.integers(0, 5_000, rows))),
    })  # fmt: skip
    csv_path, parquet_path = folder / "customers.csv", folder / "customers.parquet"
    pa.csv.write_csv(table, csv_path)
    pa.parquet.write_table(table, parquet_path)
    return csv_path, parquet_path


def quality(
    console: Console, made: Sequence[Sample], found: Sequence[Sequence[Hit]], theirs: Sequence[Sequence[Hit]]
) -> Bar:
    table = Table(title=f"F1 by kind, {len(made):,} texts (precision / recall)")
    for heading in ("kind", "values", "secmlops", "Presidio"):
        table.add_column(heading)
    counts = Counter(hit[2] for sample in made for hit in sample.hits)
    extra = {"person name", "postal address", "number plate"}
    formatted = [[hit for hit in some if hit[2] not in extra] for some in found]
    own = judge(made, formatted, lambda _, hit: hit[2])
    other = judge(made, theirs, lambda _, hit: hit[2])
    for kind, count in counts.most_common():
        shown = [
            f"{s.f1:.3f} ({s.precision:.2f} / {s.recall:.2f})"
            for s in (own.get(kind, Score()), other.get(kind, Score()))
        ]
        table.add_row(kind, str(count), shown[0], shown[1] if kind in NAMES.values() else "")
    console.print(table)
    by_format = judge(made, formatted, lambda sample, _: sample.format)
    table = Table(title="F1 by format, all formatted kinds")
    for name in FORMATS:
        table.add_column(name)
    table.add_row(*(f"{by_format[name].f1:.3f}" for name in FORMATS))
    console.print(table)
    total = Score()
    for score in own.values():
        total.right, total.wrong, total.missed = (
            total.right + score.right,
            total.wrong + score.wrong,
            total.missed + score.missed,
        )
    console.print(f"all: F1 {total.f1:.4f}, precision {total.precision:.4f}, recall {total.recall:.4f}")
    worst = min(FORMATS, key=lambda name: by_format[name].f1)
    return Bar(f"F1 of the formatted kinds in the worst of ten formats: {worst}", by_format[worst].f1, 0.95, least=True)


def alarms(console: Console, rows: int, count: int) -> Bar:
    table = harmless_columns(rows, 11)
    flagged = discover(table, seed=0)
    cells = sum(round(column.share * rows) for column in flagged)
    told = ", ".join(f"{c.column} ({c.kinds[0]})" for c in flagged) or "none"
    console.print(
        f"harmless numeric columns: {table.num_columns} of {rows:,} cells; cells flagged {cells}; columns: {told}"
    )
    texts = harmless_texts(count, 13)
    hits = Counter(str(s.kind) for text in texts for s in spans(text))
    console.print(f"harmless numbers in {count:,} sentences: {sum(hits.values())} hits {dict(hits)}")
    return Bar("false hits in 1,000 harmless numeric cells", cells / (table.num_columns * rows) * 1_000, 1)


def tables(console: Console, rows: int) -> None:
    result = Table(title=f"a table of {rows:,} rows x 8: seconds of CPU")
    for heading in ("file", "reading", "by a sample", "in full", "columns found"):
        result.add_column(heading)
    with tempfile.TemporaryDirectory() as temporary:
        for path in large_table(rows, Path(temporary)):
            start = time.process_time()
            table = read_table(path.read_bytes(), path.name).table
            read = time.process_time()
            found = discover(table, seed=0)
            sampled = time.process_time()
            full = discover(table, seed=0, full=True)
            end = time.process_time()
            told = f"{len(found)} / {len(full)}"
            result.add_row(path.suffix, f"{read - start:.1f}", f"{sampled - read:.1f}", f"{end - sampled:.1f}", told)
    console.print(result)


def main() -> None:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--no-peer", action="store_true", help="without Presidio")
    options = parser.parse_args()
    console = Console(width=100)
    made = samples(options.texts, options.seed)
    texts = [sample.text for sample in made]
    rounds = [ours(texts) for _ in range(2)]
    found = rounds[0][1]
    theirs: list[list[Hit]] = [[] for _ in texts]
    if not options.no_peer:
        spent, recognisers, theirs = presidio(texts)
        rounds += [ours(texts) for _ in range(2)]  # before and after: a busy machine is not equally busy all the time
        seconds = float(np.mean([one for one, _ in rounds]))
        size = f"{len(texts):,} texts of {np.mean(list(map(len, texts))):.0f} characters"
        console.print(f"{size}, CPU seconds: secmlops {seconds:.2f}, "
                      f"Presidio with {recognisers} recognisers {spent:.2f}: {spent / seconds:.1f} times")  # fmt: skip
    faster = float("nan") if options.no_peer else spent / seconds
    bars = [quality(console, made, found, theirs), alarms(console, 2_000, options.texts)]
    if options.rows:
        tables(console, options.rows)
    console.print(table_of([*bars, Bar("times as fast as Presidio's analyzer", faster, 20, least=True)]))


if __name__ == "__main__":
    main()
