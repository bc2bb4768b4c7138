"""Reads the CSV files of a directory as two other programs do: Python's csv module, and DuckDB.

Prints one JSON object: for each name, the records of both, or the error as a text. A file's delimiter is in its name.
"""

import csv
import json
import pathlib
import sys

import duckdb


def of_python(path, delimiter):
    with path.open(encoding="utf-8", newline="") as file:
        return [record for record in csv.reader(file, delimiter=delimiter) if record]


def of_duckdb(path):
    try:
        read = duckdb.read_csv(str(path), header=False, all_varchar=True)
        return [[field or "" for field in record] for record in read.fetchall()]
    except duckdb.Error as error:
        return str(error)


answers = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    delimiter = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}[path.stem.split("-")[1]]
    answers[path.name] = {"python": of_python(path, delimiter), "duckdb": of_duckdb(path)}
json.dump(answers, sys.stdout)
