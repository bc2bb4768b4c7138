"""Reads files of tables as other programs do, and prints their records as JSON: for each file its columns' names, then its rows.

CSV and TSV are read by the module csv, JSON lines by the module json, Parquet by DuckDB, XLSX by openpyxl. A day is a text
such as 2024-05-01, and so is a time at the begin of a day.
"""

import csv
import datetime
import json
import pathlib
import sys

import duckdb
import openpyxl


def shown(value):
    if isinstance(value, datetime.datetime):
        is_day = value.time() == datetime.time()
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def of_lines(path):
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    names = list(records[0])
    return [names] + [[record.get(name) for name in names] for record in records]


def of_fields(path, delimiter):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def of_parquet(path):
    relation = duckdb.sql(f"select * from read_parquet('{path}')")
    return [relation.columns] + [list(row) for row in relation.fetchall()]


def of_book(path):
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


READERS = {
    ".csv": lambda path: of_fields(path, ","),
    ".tsv": lambda path: of_fields(path, "\t"),
    ".jsonl": of_lines,
    ".parquet": of_parquet,
    ".xlsx": of_book,
}

answers = {}
for name in sys.argv[1:]:
    path = pathlib.Path(name)
    answers[name] = [[shown(value) for value in row] for row in READERS[path.suffix](path)]
json.dump(answers, sys.stdout)
