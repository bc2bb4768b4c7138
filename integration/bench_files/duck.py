"""Runs statements in DuckDB, and prints seconds, CPU seconds and the rows of the last one as JSON.

Usage: duck.py SPILL STATEMENT... . Threads and memory are DuckDB's defaults. `--pages FILE POSITION,... SECONDS` in place of
the statements reads 100 rows at each position, and prints the seconds of each, as far as these suffice.
"""

import json
import resource
import sys
import time

import duckdb


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def pages(database, file, positions, within):
    """The seconds of each page."""
    took, end = [], time.monotonic() + within
    for position in positions:
        begin = time.perf_counter()
        database.execute(f"from read_parquet('{file}') limit 100 offset {position}").fetchall()
        took.append(time.perf_counter() - begin)
        if time.monotonic() > end:
            break
    return took


database = duckdb.connect(config={"temp_directory": sys.argv[1]})
cpu_before, begin = cpu(), time.perf_counter()
if sys.argv[2] == "--pages":
    file, positions, within = sys.argv[3:]
    rows = pages(database, file, [int(position) for position in positions.split(",")], float(within))
else:
    for statement in sys.argv[2:]:
        rows = database.execute(statement).fetchall()
json.dump({"seconds": time.perf_counter() - begin, "cpu": cpu() - cpu_before, "rows": rows}, sys.stdout, default=str)
