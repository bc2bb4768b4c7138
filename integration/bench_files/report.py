"""The runs of each row, as a table and as JSON.

Not the measuring. Invariant: a ratio is of two runs of the same round; medians are taken of ratios, not of their parts.
"""

import json
from dataclasses import asdict, dataclass, field
from statistics import median


@dataclass
class Row:
    """A thing that is measured beside one peer, or beside none."""

    name: str
    peer: str | None
    # Many calls, in milliseconds, in place of one piece of work.
    is_page: bool = False
    # Pairs of runs; a peer's may be missing.
    runs: list = field(default_factory=list)
    fault: str | None = None

    def figures(self, side, pick):
        found = [pick(pair[side]) for pair in self.runs if pair[side] is not None]
        return [value for value in found if value is not None]

    def ratios(self, pick):
        pairs = [(pick(ours), pick(theirs)) for ours, theirs in self.runs if theirs is not None]
        return [ours / theirs for ours, theirs in pairs if ours is not None and theirs]

    def as_json(self):
        runs = [[one and asdict(one) for one in pair] for pair in self.runs]
        return json.dumps({"row": self.name, "peer": self.peer, "fault": self.fault, "runs": runs}, ensure_ascii=False)


def seconds(value):
    return f"{value:.3f}" if value < 1 else f"{value:.2f}"


def milliseconds(value):
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def megabytes(value):
    return f"{value / 1e6:,.1f}"


def ratio(value):
    return f"{value:.2f}"


def spread(values, text):
    """The median with the smallest and the largest."""
    if not values:
        return "-"
    least, middle, most = (text(value) for value in (min(values), median(values), max(values)))
    return middle if least == most else f"{middle} ({least}..{most})"


def cpu(one):
    return one.cpu


def took(one):
    return one.seconds


def size(one):
    return one.size


def time_of(name):
    return lambda one: one.times.get(name)


WORK = [
    ("s", 0, took, seconds),
    ("CPU s", 0, cpu, seconds),
    ("its s", 1, took, seconds),
    ("its CPU s", 1, cpu, seconds),
    ("time to peer", None, took, ratio),
    ("CPU to peer", None, cpu, ratio),
    ("MB", 0, size, megabytes),
    ("its MB", 1, size, megabytes),
]
PAGES = [
    ("p50, ms", 0, time_of("p50"), milliseconds),
    ("p99, ms", 0, time_of("p99"), milliseconds),
    ("CPU, ms", 0, time_of("CPU"), milliseconds),
    ("its p50, ms", 1, time_of("p50"), milliseconds),
    ("its p99, ms", 1, time_of("p99"), milliseconds),
    ("p50 to peer", None, time_of("p50"), ratio),
]


def part(rows, columns):
    lines = [
        f"| what | runs | peer | {' | '.join(head for head, *_ in columns)} |",
        f"|{' --- |' * (len(columns) + 3)}",
    ]
    for row in rows:
        cells = []
        for _, side, pick, text in columns:
            values = row.ratios(pick) if side is None else row.figures(side, pick)
            cells.append(spread(values, text))
        lines.append(f"| {row.name} | {len(row.runs)} | {row.peer or '-'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def table(rows):
    """All rows as Markdown: what is done once, then pages."""
    parts = ["Median (smallest..largest) of the runs of each row."]
    work, pages = [row for row in rows if not row.is_page], [row for row in rows if row.is_page]
    parts += [part(some, columns) for some, columns in ((work, WORK), (pages, PAGES)) if some]
    faults = dict.fromkeys(f"{row.name}: {row.fault}" for row in rows if row.fault)
    return "\n\n".join(parts + (["\n".join(faults)] if faults else []))
