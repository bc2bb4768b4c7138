"""Reading, filtering, sorting and counting, by the example programs of the crates, without a server.

Not the programs: `tables` has the example `table`, `engine` has `query`. Invariant: DuckDB reads a file of the same rows, and
writes the same rows in the same order.
"""

import os

import duckdb as library

import data
from cases import Case
from measure import Fault, duckdb, program, size

ZSTD = "(format parquet, compression zstd)"
TEXT, LEAST, MOST = "burg", 100, 150
CONTAINS, BETWEEN = f"contains(origin_city, '{TEXT}')", f"price between {LEAST} and {MOST}"

POSITIONS = {name: str(at) for at, (name, _) in enumerate(data.COLUMNS)}
CITY, PRICE, BOOKING = (POSITIONS[name] for name in ("origin_city", "price", "booking"))
# What the queries of a server may take (`QUERY_MEMORY_BYTES`), and as many threads as DuckDB has.
LIMITS = {"QUERY_MEMORY": str(256 * 1024 * 1024), "QUERY_THREADS": str(os.cpu_count())}
# Values in a summary of the example.
MOST_VALUES = 5

# The question for the example, and the rest of the statement that gives the same rows. The position of a row is the last level
# of each order, because rows that are alike keep their order in a view.
BY_CONTAINS = [CITY, "has", TEXT]
BY_BETWEEN = [PRICE, ">=", str(LEAST), PRICE, "<=", str(MOST)]
VIEWS = [
    ("filter: text contains", BY_CONTAINS, {"DuckDB": f"where {CONTAINS}"}),
    ("filter: number in a range", BY_BETWEEN, {"DuckDB": f"where {BETWEEN}"}),
    ("filter: both", BY_CONTAINS + BY_BETWEEN, {"DuckDB": f"where {CONTAINS} and {BETWEEN}"}),
    ("sort: number", ["sort", PRICE], {"DuckDB": "order by price, file_row_number"}),
    (
        "sort: text",
        ["sort", BOOKING],
        {
            "DuckDB, collated": "order by booking collate en, file_row_number",
            "DuckDB, by bytes": "order by booking, file_row_number",
        },
    ),
    (
        "sort: text, then number downwards",
        ["sort", CITY, "sort", PRICE, "desc"],
        {
            "DuckDB, collated": "order by origin_city collate en, price desc, file_row_number",
            "DuckDB, by bytes": "order by origin_city, price desc, file_row_number",
        },
    ),
]
SUMMARIES = [("summary: 168 texts", "origin_city"), ("summary: 100,000 numbers", "price")]


class Embedded:
    """The files, and the programs that read them."""

    def __init__(self, directory, programs, clock):
        self.directory, self.programs, self.clock = directory, programs, clock
        self.csv, self.parquet, self.table = (directory / name for name in ("flights.csv", "flights.parquet", "table.parquet"))
        self.ours, self.theirs = directory / "ours.parquet", directory / "theirs.parquet"

    def cases(self):
        """The first one makes the table that the others read."""
        return [
            Case("CSV -> table", self.read, {"DuckDB": self.read_by_duckdb}),
            *(self.view(*view) for view in VIEWS),
            *(self.summary(*summary) for summary in SUMMARIES),
        ]

    def example(self, name, *flags):
        command = [str(self.programs / name), *flags]
        return program(command, self.clock, TMPDIR=str(self.directory / "spill"), **LIMITS)[1]

    def read(self):
        return written(self.table, self.example("table", "read", str(self.csv), str(self.table)), keep=True)

    def read_by_duckdb(self):
        _, took = duckdb(
            self.directory, self.clock, f"copy (from read_csv('{self.csv}', header = true)) to '{self.theirs}' {ZSTD}"
        )
        return written(self.theirs, took)

    def view(self, name, question, peers):
        def ours():
            return written(self.ours, self.example("query", "view", str(self.table), str(self.ours), *question))

        def peer(rest):
            rows = f"from read_parquet('{self.parquet}', file_row_number = true) {rest}"
            return lambda: written(
                self.theirs, duckdb(self.directory, self.clock, f"copy ({rows}) to '{self.theirs}' {ZSTD}")[1]
            )

        return Case(name, ours, {peer_name: peer(rest) for peer_name, rest in peers.items()})

    def summary(self, name, column):
        def peer():
            counts = f"create temp table counts as select {column} as value, count(*) as rows from '{self.parquet}' group by all"
            most = f"from counts order by rows desc, value limit {MOST_VALUES}"
            bounds = "select count(*), sum(rows), min(value), max(value) from counts"
            return duckdb(self.directory, self.clock, counts, most, bounds)[1]

        return Case(name, lambda: self.example("query", "values", str(self.table), POSITIONS[column]), {"DuckDB": peer})


def written(path, measured, keep=False):
    """The run, with the bytes and the rows of the Parquet file that it has written."""
    measured.size = size(path)
    try:
        [[measured.rows]] = library.sql(f"select sum(num_rows)::bigint from parquet_file_metadata('{path}')").fetchall()
    except library.Error as error:
        raise Fault(f"{path.name} is no Parquet: {error}") from error
    if not keep:
        path.unlink()
    return measured
