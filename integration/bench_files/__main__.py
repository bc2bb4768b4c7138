"""Measures files beside DuckDB and psql: reading, views, summaries, pages, sheets, saved files.

`make bench-files` starts it. Not a test. Invariants: it ends by its time; it begins only where the disk has room; it ends with
code 1 when a row has no run or too few, and with code 2 when it could not begin.
"""

import argparse
import pathlib
import shutil
import sys

import data
import report
from cases import rounds
from embedded import Embedded
from measure import Clock, Fault, script
from served import Served
from service import Service


def options():
    parser = argparse.ArgumentParser(prog="bench-files", description=__doc__.splitlines()[0])
    parser.add_argument("--target", required=True, metavar="URL", help="the server, as http://ADDRESS:PORT")
    parser.add_argument("--server-pid", required=True, type=int, metavar="PID", help="the process id of the server")
    parser.add_argument("--data-dir", required=True, type=pathlib.Path, metavar="DIR", help="the server's data directory")
    parser.add_argument("--programs", required=True, type=pathlib.Path, metavar="DIR", help="the folder of the examples")
    parser.add_argument("--work-dir", required=True, type=pathlib.Path, metavar="DIR", help="an empty folder for the files")
    parser.add_argument("--rows", type=count(data.ROWS_MOST), default=3_000_000, help="rows of the table (3,000,000)")
    parser.add_argument(
        "--sheet-rows", type=count(50_000_000), default=1_000_000, help="rows of sheets and saved files (1,000,000)"
    )
    parser.add_argument("--runs", type=count(100), default=3, help="runs of each row (3)")
    parser.add_argument(
        "--minutes", type=count(24 * 60), default=30, help="the benchmark ends by then; runs that do not fit are left out (30)"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="only rows whose name contains this, and what they read")
    parser.add_argument("--json", action="store_true", help="print one JSON object for each row in place of the table")
    parser.add_argument("--json-file", type=pathlib.Path, metavar="PATH", help="write these objects into a file, too")
    return parser.parse_args()


def count(most):
    def read(text):
        number = int(text)
        if not 1 <= number <= most:
            raise argparse.ArgumentTypeError(f"{number} is not between 1 and {most:,}")
        return number

    return read


def has_room(chosen, sheet_rows):
    """Prints the disk that is needed; whether it is free."""
    needed, free = data.needed_bytes(chosen.rows, sheet_rows), shutil.disk_usage(chosen.work_dir).free
    print(f"{chosen.rows:,} rows need about {needed / 1e9:.1f} GB of disk; {free / 1e9:.1f} GB are free", file=sys.stderr)
    return needed < free


def measured(chosen, sheet_rows, clock):
    """The rows of all cases."""
    directory = chosen.work_dir
    (directory / "spill").mkdir(exist_ok=True)
    print("making the rows", file=sys.stderr)
    script("data.py", clock, directory, chosen.rows, sheet_rows)
    embedded = Embedded(directory, chosen.programs, clock)
    service = Service(chosen.target, clock)
    served = Served(service, chosen.server_pid, chosen.data_dir, directory, chosen.rows, sheet_rows, clock)
    is_wanted = lambda case: chosen.only in case.name
    reading, *queries = embedded.cases()
    queries = list(filter(is_wanted, queries))
    # The table of the first run is what the queries read.
    first = [reading] if queries or is_wanted(reading) else []
    parts = [first + queries, *(list(filter(is_wanted, part)) for part in (served.page_cases(), served.transfer_cases()))]
    for cases in parts:
        rounds(cases, chosen.runs, clock)
    return [row for cases in parts for case in cases for row in case.rows]


def main():
    chosen = options()
    sheet_rows = min(chosen.rows, chosen.sheet_rows)
    if not has_room(chosen, sheet_rows):
        print("bench-files: the disk has no room: give fewer --rows, or another folder by TMPDIR", file=sys.stderr)
        return 2
    try:
        rows = measured(chosen, sheet_rows, Clock(chosen.minutes))
    except (Fault, OSError) as fault:
        print(f"bench-files: {fault}", file=sys.stderr)
        return 2
    lines = "\n".join(row.as_json() for row in rows)
    if chosen.json_file:
        chosen.json_file.write_text(lines + "\n", encoding="utf-8")
    print(lines if chosen.json else report.table(rows))
    return 0 if all(row.runs and not row.fault for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
