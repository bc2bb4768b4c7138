"""A plain table in the server's own Postgres, filled by psql.

Not the server's tables. Invariant: the table is there before rows are copied, because Postgres writes no log for a table that
the same transaction has made.
"""

import glob
import os
import shutil

import data
from measure import Fault, program

TABLE = "bench_plain.flights"


class Plain:
    """The table, and the file that fills it."""

    def __init__(self, data_dir, csv, clock):
        self.home, self.csv, self.clock = data_dir / "postgres", csv, clock

    def psql_path(self):
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))
        return shutil.which("psql") or (found[-1] if found else None)

    def is_there(self):
        return self.psql_path() is not None

    def psql(self, command):
        note = self.home / "socket-elsewhere"
        environment = {
            "PGHOST": note.read_text().strip() if note.exists() else str(self.home / "socket"),
            "PGPORT": "5432",
            "PGUSER": "gridloom",
            "PGDATABASE": "gridloom",
            "PGPASSWORD": (self.home / "password").read_text().strip(),
        }
        if not os.path.isdir(environment["PGHOST"]):
            raise Fault("the server has no Postgres of its own")
        line = [self.psql_path(), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--command", command]
        return program(line, self.clock, **environment)[1]

    def copy(self):
        """Fills a new table: the time of the rows alone."""
        columns = ", ".join(f"{name} {kind.replace('double', 'double precision')}" for name, kind in data.COLUMNS)
        self.psql(f"create schema if not exists bench_plain; drop table if exists {TABLE}; create table {TABLE} ({columns})")
        took = self.psql(f"\\copy {TABLE} from '{self.csv}' with (format csv, header)")
        self.psql("drop schema bench_plain cascade")
        return took
