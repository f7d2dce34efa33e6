#!/usr/bin/env python3
"""Writes the figures that the proofs left into the tables of docs/ZOO.md.

zoo-page.py PROGRAM FULL_SIZE TRAINING takes the counts from PROGRAM and the figures from two files
of JSON lines, either of which may be missing. Rows of a table that the files do not name stay.
"""

import datetime
import json
import os
import re
import subprocess
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "ZOO.md")
TODAY = datetime.date.today().isoformat()


def entries(path):
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.strip()]


def table(text, mark, rows, order):
    """The page with these rows, by their first cell, in the table behind the mark."""
    pattern = re.compile(rf"(<!-- {mark} -->\n\n\|[^\n]*\n\|[^\n]*\n)((?:\|[^\n]*\n)*)")
    found = pattern.search(text)
    if not found:
        sys.exit(f"docs/ZOO.md has no table behind <!-- {mark} -->")
    merged = {}
    for line in found.group(2).splitlines():
        merged[line.split("|")[1].strip()] = line
    for cells in rows:
        merged[cells[0]] = "| " + " | ".join(cells) + " |"
    places = {name: place for place, name in enumerate(order)}
    kept = sorted(
        (key for key in merged if key.split("`")[1] in places),
        key=lambda key: (places[key.split("`")[1]], key),
    )
    body = "".join(merged[key] + "\n" for key in kept)
    return text[: found.start(2)] + body + text[found.end(2) :]


def image(shape):
    return "x".join(str(side) for side in shape)


def counts(model):
    parameters = model["parameters"]
    return [
        f"`{model['name']}`",
        image(model["input"]),
        str(model["classes"]),
        f"{parameters['total']:,}",
        f"{parameters['non_trainable']:,}",
        str(model["weight_tensors"]),
        f"{model['multiply_adds'] / 1e6:,.1f}",
    ]


def full_size(entry):
    return [
        f"`{entry['architecture']}` as `{entry['reference']}`",
        f"{entry['logits']:.1e}",
        f"{entry['layers']:.1e}",
        f"{entry['compared']} of {entry['of']}",
        TODAY,
    ]


def training(entry):
    return [
        f"`{entry['architecture']}`",
        image(entry["input"]),
        str(entry["batch"]),
        f"{entry['s_per_step']:.3f}",
        str(entry["peak_rss_mib"]),
        f"{entry['first_loss']:.4f}",
        f"{entry['last_loss']:.4f}",
        TODAY,
    ]


def main():
    program, full_size_figures, training_figures = sys.argv[1:]
    listed = subprocess.run([program, "models", "--json"], stdout=subprocess.PIPE, check=True)
    models = json.loads(listed.stdout)
    order = [model["name"] for model in models]
    with open(PAGE) as file:
        text = file.read()
    text = table(text, "counts", [counts(model) for model in models], order)
    rows = [full_size(entry) for entry in entries(full_size_figures)]
    text = table(text, "full-size", rows, order)
    rows = [training(entry) for entry in entries(training_figures)]
    text = table(text, "training", rows, order)
    with open(PAGE, "w") as file:
        file.write(text)


main()
