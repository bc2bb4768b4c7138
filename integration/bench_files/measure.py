"""Seconds and CPU seconds: of programs that end, and of a server that runs.

Not what is measured. Invariant: no program outlives its time or the benchmark.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field

TICKS = os.sysconf("SC_CLK_TCK")


class Fault(Exception):
    """A run that could not be done, or whose result differs from the peer's."""


class Late(Fault):
    """A run that did not end in its time."""


@dataclass
class Measured:
    """One run of one thing."""

    seconds: float
    cpu: float | None = None
    size: int | None = None
    rows: int | None = None
    # Milliseconds by their name, of what is done many times.
    times: dict = field(default_factory=dict)


class Clock:
    """The time that the benchmark has."""

    def __init__(self, minutes):
        self.end = time.monotonic() + 60 * minutes

    def left(self):
        return self.end - time.monotonic()


def program(command, clock, **environment):
    """Runs a program to its end: its output, and its time."""
    name = " ".join(os.path.basename(part) for part in command if not part.startswith("-"))[:40]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=errors, env={**os.environ, **environment}
        )
        late = threading.Timer(max(clock.left(), 0.1), process.kill)
        late.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            late.cancel()
        seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode and clock.left() <= 0:
            raise Late(f"{name} did not end in time")
        if process.returncode:
            problem = errors.read().decode(errors="replace").strip()[-500:]
            raise Fault(f"{name} ended with {process.returncode}: {problem}")
        return out.read().decode(errors="replace"), Measured(seconds, usage.ru_utime + usage.ru_stime)


def script(name, clock, *arguments):
    """Runs a script beside this one."""
    return program([sys.executable, "-B", str(pathlib.Path(__file__).with_name(name)), *map(str, arguments)], clock)


def duckdb(directory, clock, *statements):
    """Runs statements in a DuckDB of their own: what the last one answers, and the time without the start of Python."""
    out, _ = script("duck.py", clock, directory / "spill", *statements)
    answer = json.loads(out)
    return answer["rows"], Measured(answer["seconds"], answer["cpu"])


def size(path):
    return os.stat(path).st_size


def tree_cpu(root):
    """CPU seconds of a process and all below it, living and ended, so far."""
    times, parents = {}, {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents[int(name)] = int(fields[1])
        times[int(name)] = sum(int(ticks) for ticks in fields[11:15])
    ticks, left = 0, [root]
    while left:
        pid = left.pop()
        ticks += times.get(pid, 0)
        left += [child for child, parent in parents.items() if parent == pid]
    return ticks / TICKS


def of_server(pid, work):
    """Does something, and gives its result and the CPU seconds that the server and its Postgres took meanwhile."""
    before = tree_cpu(pid)
    result = work()
    return result, tree_cpu(pid) - before


def percentile(values, share):
    """The value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(seconds):
    return {"p50": 1000 * percentile(seconds, 0.5), "p99": 1000 * percentile(seconds, 0.99)}
