"""Runs the cells of a notebook in their order, as a person does.

Usage: notebook.py NOTEBOOK. What the cells print goes to standard error. Prints the rows of `groups` at the end.
"""

import contextlib
import json
import sys

with open(sys.argv[1], encoding="utf-8") as notebook:
    cells = json.load(notebook)["cells"]
names = {"__name__": "notebook"}
with contextlib.redirect_stdout(sys.stderr):
    for number, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"cell {number}", "exec"), names)
print(names["groups"].to_csv(index=False), end="")
