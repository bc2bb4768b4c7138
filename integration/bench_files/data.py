"""Makes the flights that are measured: the same rows for the same number, by DuckDB, without a row in Python.

Usage: data.py DIRECTORY ROWS SHEET_ROWS. Not the measuring. Invariant: a value depends on the number of its row alone, by whole
numbers, so neither the release of DuckDB nor its threads change it.
"""

import pathlib
import sys

import duckdb

# Larger numbers overflow the arithmetic of `MIX`.
ROWS_MOST = 1_000_000_000

# Bytes of all files and of what is sorted on disk, for each row; and of the sheets, their log and what is saved of them.
BYTES_OF_ROW = 500
BYTES_OF_SHEET_ROW = 5_000
BYTES_OF_SERVER = 3_000_000_000

COLUMNS = [
    ("flight_id", "bigint"),
    ("booking", "varchar"),
    ("carrier", "varchar"),
    ("flight_number", "varchar"),
    ("origin", "varchar"),
    ("origin_city", "varchar"),
    ("destination", "varchar"),
    ("destination_city", "varchar"),
    ("day", "date"),
    ("delay_minutes", "integer"),
    ("seats", "integer"),
    ("price", "double"),
]

BEGINS = ["Ober", "Nieder", "Neu", "Alt", "Groß", "Klein", "Bad ", "Sankt ", "Königs", "Mühl", "Wald", "Schön"]
ENDS = ["burg", "stadt", "heim", "hausen", "dorf", "bach", "furt", "berg", "kirchen", "tal", "au", "feld", "brück", "see"]
CITIES = [begin + (end.capitalize() if begin.endswith(" ") else end) for begin in BEGINS for end in ENDS]
CODES = ["".join(chr(65 + (at // 26**place + 7 * place) % 26) for place in (2, 1, 0)) for at in range(0, 41 * len(CITIES), 41)]
CARRIERS = ["AF", "BA", "DL", "EK", "IB", "KL", "LH", "LX", "NH", "OS", "QF", "SK", "TK", "UA"]

# A number below 2,147,483,647 for each row and each use. No step exceeds 64 bits.
MIX = """
    create macro scrambled(h) as (xor(h, h >> 13) * 1274126177) % 2147483647;
    create macro mix(i, n) as scrambled((i * (1000003 + n * 7654321) + n) % 2147483647);
"""

FLIGHTS = f"""
    select
        i as flight_id,
        printf('B%06X', mix(i, 1) % 16777216) as booking,
        carriers[mix(i, 2) % {len(CARRIERS)} + 1] as carrier,
        carriers[mix(i, 2) % {len(CARRIERS)} + 1] || lpad((mix(i, 3) % 9000)::varchar, 4, '0') as flight_number,
        codes[mix(i, 4) % {len(CITIES)} + 1] as origin,
        cities[mix(i, 4) % {len(CITIES)} + 1] as origin_city,
        codes[mix(i, 5) % {len(CITIES)} + 1] as destination,
        cities[mix(i, 5) % {len(CITIES)} + 1] as destination_city,
        date '2015-01-01' + (mix(i, 6) % 4000)::integer as day,
        case when mix(i, 7) % 50 = 0 then null else mix(i, 7) % 240 - 20 end::integer as delay_minutes,
        (mix(i, 8) % 300 + 50)::integer as seats,
        (mix(i, 9) % 100000)::double / 100 as price
    from range(ROWS) as numbers(i), (select {CARRIERS!r} as carriers, {CODES!r} as codes, {CITIES!r} as cities)
"""


def needed_bytes(rows, sheet_rows):
    """The disk that a benchmark takes at most, about."""
    return rows * BYTES_OF_ROW + sheet_rows * BYTES_OF_SHEET_ROW + BYTES_OF_SERVER


def make(directory, rows, sheet_rows):
    """Writes `flights.parquet`, `flights.csv`, and the first rows as `sheet.parquet` and `sheet.csv`."""
    database = duckdb.connect(config={"temp_directory": str(directory / "spill")})
    database.execute(MIX)
    names = {kind: str(directory / f"flights.{kind}") for kind in ("parquet", "csv")}
    parquet = "(format parquet, compression zstd)"
    database.execute(f"copy ({FLIGHTS.replace('ROWS', str(rows))}) to '{names['parquet']}' {parquet}")
    flights = f"from read_parquet('{names['parquet']}')"
    database.execute(f"copy ({flights}) to '{names['csv']}' (header)")
    first = f"{flights} limit {sheet_rows}"
    database.execute(f"copy ({first}) to '{directory / 'sheet.parquet'}' {parquet}")
    database.execute(f"copy ({first}) to '{directory / 'sheet.csv'}' (header)")
    database.close()


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
