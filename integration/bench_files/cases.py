"""What is measured and beside what, and the rounds of runs.

Not what a case does: see `embedded` and `served`. Invariants: runs of different cases alternate; a case that can't be done
ends no other one, and its fault is shown.
"""

import sys
import time

from measure import Fault, Late
from report import Row


class Case:
    """A thing to measure: `ours` does it once, each of `peers` does the same by another program."""

    def __init__(self, name, ours, peers, is_page=False):
        self.name, self.ours, self.peers = name, ours, peers
        self.rows = [Row(name, peer, is_page) for peer in peers or [None]]
        self.took = 0.0
        self.fault = None

    def run(self):
        """One round. The program and its peers follow each other, so that they find the machine alike."""
        begin = time.monotonic()
        ours = self.ours()
        for row in self.rows:
            theirs = self.peers[row.peer]() if row.peer else None
            if theirs is not None and None not in (ours.rows, theirs.rows) and ours.rows != theirs.rows:
                raise Fault(f"{ours.rows} rows, and {row.peer} has {theirs.rows}")
            row.runs.append((ours, theirs))
        self.took = max(self.took, time.monotonic() - begin)

    def failed(self, fault):
        self.fault = fault
        for row in self.rows:
            row.fault = str(fault)


def rounds(cases, runs, clock):
    """Runs all cases in rounds, as far as the time suffices."""
    for number in range(runs):
        for case in cases:
            if case.fault:
                continue
            if clock.left() < case.took or clock.left() <= 0:
                case.failed("the time was not enough for all runs")
                continue
            print(f"run {number + 1}: {case.name}", file=sys.stderr)
            try:
                case.run()
            except Late:
                case.failed("the time was not enough for all runs")
            except (Fault, OSError) as fault:
                case.failed(fault)
