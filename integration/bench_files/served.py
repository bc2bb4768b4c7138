"""Pages, sheets and saved files, through the calls of a server.

Not the server, nor the client: see `service`. Invariant: the time of a job is that of the server's records, so that the looks
of the client add nothing; CPU time is that of the server with its Postgres.
"""

import random
import time

import embedded
import postgres
from cases import Case
from measure import Fault, Measured, duckdb, milliseconds, of_server, size, tree_cpu

PAGES = 500
PAGE_ROWS = 100
# How long the peer may take for all its pages: it does those that fit.
PEER_SECONDS = 60

FORMATS = [
    ("CSV", "SAVED_FORMAT_CSV", "(format csv, header)"),
    ("TSV", "SAVED_FORMAT_TSV", "(format csv, header, delimiter '\t')"),
    ("JSON lines", "SAVED_FORMAT_JSON_LINES", "(format json)"),
    ("Parquet", "SAVED_FORMAT_PARQUET", embedded.ZSTD),
    # DuckDB writes no workbooks without a further extension.
    ("XLSX", "SAVED_FORMAT_XLSX", None),
]


def condition(column, operator, value):
    return {"condition": {"column": {"name": column}, "operator": f"OPERATOR_{operator}", "values": [value]}}


BOTH = [
    condition("origin_city", "CONTAINS", {"text": embedded.TEXT}),
    condition("price", "GREATER_OR_EQUAL", {"number": embedded.LEAST}),
    condition("price", "LESS_OR_EQUAL", {"number": embedded.MOST}),
]


class Served:
    """A server, and the files in it."""

    def __init__(self, service, pid, data_dir, directory, rows, sheet_rows, clock):
        self.service, self.pid, self.directory, self.clock = service, pid, directory, clock
        self.rows, self.sheet_rows = rows, sheet_rows
        self.postgres = postgres.Plain(data_dir, directory / "sheet.csv", clock)
        self.file = self.sheet_file = None

    def page_cases(self):
        """The first one uploads and reads the file; each view is made before its pages, and once, because it is kept."""
        filtered, sorted_by = {"filter": {"all": {"filters": BOTH}}}, {"order_by": [{"column": {"name": "booking"}}]}
        whole, alone = self.directory / "flights.parquet", {"the call GetFile": self.calls_alone}
        return [
            Case("page of the table", self.pages_of({}), {"DuckDB": lambda: self.pages_by_duckdb(whole), **alone}, is_page=True),
            Case("page of a filtered view", self.pages_of(filtered), alone, is_page=True),
            Case("page of a sorted view", self.pages_of(sorted_by), alone, is_page=True),
        ]

    def transfer_cases(self):
        return [
            Case("CSV -> sheet", self.fill, {"psql \\copy": self.copied} if self.postgres.is_there() else {}),
            *(self.saved(*form) for form in FORMATS),
        ]

    def whole_file(self):
        if self.file is None:
            file = self.service.upload(self.directory / "flights.parquet")
            self.service.read(file)
            self.file = file
        return self.file

    def pages_of(self, question):
        """Reads pages of the table, or of the view with this filter or order."""

        def run():
            file = self.whole_file()
            source, total = {"file_id": file}, self.rows
            if question:
                source["view_id"] = self.view_of(file, question)
                total = self.page(source, 0).total
            return self.timed("TableService", "ReadTableRows", [self.page_at(source, at) for at in positions(total)])

        return run

    def view_of(self, file, question):
        made = self.service.call("TableService", "MakeView", {"file_id": file, **question})
        return made.view.id if made.HasField("view") else self.service.done(made.job)[0].view_id

    def page_at(self, source, at):
        return {**source, "first": at, "count": PAGE_ROWS}

    def page(self, source, at):
        """A page that is decoded, and has the rows that it should have."""
        page = self.service.call("TableService", "ReadTableRows", self.page_at(source, at))
        if len(page.rows) != min(PAGE_ROWS, page.total - at):
            raise Fault(f"a page at {at} of {page.total} rows has {len(page.rows)}")
        return page

    def calls_alone(self):
        """The floor of each call: one that reads a row of Postgres."""
        return self.timed("FileService", "GetFile", [{"file_id": self.whole_file()}] * PAGES)

    def timed(self, service, name, requests):
        """The milliseconds of each call, one after the other."""
        data = [self.service.request(service, name, fields).SerializeToString() for fields in requests]
        call, took = self.service.raw(service, name), []

        def all_calls():
            for request in data:
                begin = time.perf_counter()
                call(request)
                took.append(time.perf_counter() - begin)

        _, cpu = of_server(self.pid, all_calls)
        return Measured(sum(took), cpu, times={**milliseconds(took), "CPU": 1000 * cpu / len(took)})

    def pages_by_duckdb(self, path):
        at = ",".join(str(position) for position in positions(self.rows))
        took, measured = duckdb(self.directory, self.clock, "--pages", str(path), at, str(PEER_SECONDS))
        measured.times = {**milliseconds(took), "CPU": 1000 * measured.cpu / len(took)}
        return measured

    def fill(self):
        """Reads a file that was never read before, and fills a sheet."""
        file = self.service.upload(self.directory / "sheet.csv")
        before = tree_cpu(self.pid)
        reading = self.service.read(file)
        request = {"source": {"file_id": file}, "new_sheet": {"name": "Flights"}}
        job, filling = self.service.done(self.service.call("TransferService", "FillSheet", request).job)
        measured = Measured(reading + filling, tree_cpu(self.pid) - before, rows=job.rows)
        self.service.call("SheetService", "DeleteSheet", {"sheet_id": job.sheet_id})
        self.service.remove(file)
        return measured

    def copied(self):
        """The same rows in a table of the same Postgres, whose CPU time counts with that of psql."""
        measured, cpu = of_server(self.pid, self.postgres.copy)
        measured.cpu += cpu
        measured.rows = self.sheet_rows
        return measured

    def saved(self, name, form, peer):
        def ours():
            if self.sheet_file is None:
                file = self.service.upload(self.directory / "sheet.csv")
                self.service.read(file)
                self.sheet_file = file
            before = tree_cpu(self.pid)
            request = {"source": {"file_id": self.sheet_file}, "saved": {"format": form}}
            job, took = self.service.done(self.service.call("TransferService", "SaveTable", request).job)
            cpu = tree_cpu(self.pid) - before
            made = self.service.call("FileService", "GetFile", {"file_id": job.made_file_id}).file
            self.service.remove(made.id)
            return Measured(took, cpu, made.size_bytes, job.rows)

        def theirs():
            path = self.directory / "theirs"
            copy = f"copy (from '{self.directory / 'sheet.parquet'}') to '{path}' {peer}"
            [[rows]], measured = duckdb(self.directory, self.clock, copy)
            measured.size, measured.rows = size(path), rows
            path.unlink()
            return measured

        return Case(f"table -> {name}", ours, {"DuckDB": theirs} if peer else {})


def positions(total):
    """Begins of pages, the same ones in each run: all over the rows."""
    chosen = random.Random(total)
    return [chosen.randrange(max(total - PAGE_ROWS, 1)) for _ in range(PAGES)]
