"""Writes files of rows into a directory, and how DuckDB reads them: `oracle.json`.

For each file the oracle has the names of its columns, the number of its rows, and the rows at some positions. A day is
{"days": n} and a time without a zone {"micros": n}, both since 1970.
"""

import datetime
import decimal
import json
import pathlib
import sys

import duckdb
import openpyxl

directory, count = pathlib.Path(sys.argv[1]), int(sys.argv[2])
positions = [int(position) for position in sys.argv[3].split(",")]
EPOCH = datetime.datetime(1970, 1, 1)
NAMES = ["Äpfel", "Öl, kalt gepresst", "Straßenbahn", 'Sagt "ja"', "Zoë", "日本"]


def shown(value):
    if isinstance(value, datetime.datetime):
        return {"micros": (value - EPOCH) // datetime.timedelta(microseconds=1)}
    if isinstance(value, datetime.date):
        return {"days": (value - EPOCH.date()).days}
    if isinstance(value, decimal.Decimal):
        return float(value)
    return value


def oracle(relation):
    everything = relation.fetchall()
    rows = [[at, [shown(value) for value in everything[at]]] for at in positions if at < len(everything)]
    return {"columns": relation.columns, "total": len(everything), "rows": rows}


duckdb.sql(f"""
    create table stock as select
        range::bigint as number,
        lpad((range % 1000)::varchar, 5, '0') as code,
        list_extract({NAMES!r}, (range % 6 + 1)::bigint) as name,
        (range % 997) + 0.25::double as amount,
        date '2001-02-03' + (range % 9000)::integer as day,
        case when range % 7 = 0 then null else range % 3 = 0 end as flag
    from range({count})
""")
duckdb.sql(f"copy stock to '{directory / 'stock.csv'}' (header)")
duckdb.sql(f"""
    copy (select *, timestamp '2020-01-01 12:34:56.789' + interval (number) second as moment,
            (number * 0.125)::decimal(38, 9) as exact, [number, number + 1] as pair from stock)
    to '{directory / 'stock.parquet'}' (format parquet, compression zstd, row_group_size 20480)
""")
# The file that Python writes below, as DuckDB reads it. Codes begin with zeros, so they are texts.
columns = "{'number': 'bigint', 'code': 'varchar', 'name': 'varchar', 'amount': 'double', 'day': 'date', 'flag': 'boolean'}"
of_csv = duckdb.sql(f"select * from read_csv('{directory / 'stock.csv'}', header = true, columns = {columns})")
answers = {"stock.csv": oracle(of_csv)}
of_parquet = duckdb.sql(f"""
    select * replace (to_json(pair)::varchar as pair) from read_parquet('{directory / 'stock.parquet'}')
""")
answers["stock.parquet"] = oracle(of_parquet)

few = duckdb.sql("select number, code, name, amount, day from stock limit 3000").fetchall()
lines = ["Nummer;Code;Name;Betrag;Tag"]
for number, code, name, amount, day in few:
    quoted = '"' + name.replace('"', '""') + '"' if '"' in name else name
    lines.append(f"{number};{code};{quoted};{amount};{day:%Y-%m-%d}".replace(".", ","))
text = "\r\n".join(lines) + "\r\n"
(directory / "betrag.csv").write_bytes(text.encode("utf-8"))
(directory / "utf16.csv").write_bytes(b"\xff\xfe" + text.encode("utf-16-le"))
columns = "{'Nummer': 'bigint', 'Code': 'varchar', 'Name': 'varchar', 'Betrag': 'double', 'Tag': 'date'}"
of_semicolons = duckdb.sql(f"""
    select * from read_csv('{directory / 'betrag.csv'}', header = true, delim = ';', quote = '"', decimal_separator = ',',
        columns = {columns})
""")
answers["betrag.csv"] = answers["utf16.csv"] = oracle(of_semicolons)

with (directory / "stock.jsonl").open("w", encoding="utf-8") as file:
    for number, code, name, amount, day in few:
        record = {"number": number, "code": code, "name": name, "amount": amount, "day": f"{day:%Y-%m-%d}"}
        file.write(json.dumps(record, ensure_ascii=number % 2 == 0) + "\n")
columns = "{'number': 'bigint', 'code': 'varchar', 'name': 'varchar', 'amount': 'double', 'day': 'varchar'}"
of_lines = duckdb.sql(f"select * from read_json('{directory / 'stock.jsonl'}', columns = {columns})")
answers["stock.jsonl"] = oracle(of_lines)

book = openpyxl.Workbook()
first, second = book.active, book.create_sheet("Größen")
first.title = "Lager"
first.append(["number", "code", "name", "amount", "day"])
for row in few[:2000]:
    first.append(list(row))
second.append(["Größe", "Wert"])
second.append(["L", 5])
second.append(["XL", 7.5])
book.save(directory / "book.xlsx")
answers["book.xlsx"] = oracle(duckdb.sql("select number, code, name, amount, day from stock limit 2000"))

(directory / "oracle.json").write_text(json.dumps(answers), encoding="utf-8")
