#!/usr/bin/env python3
"""Writes reference files of whole networks with one tensor or layer a line.

compact.py FILE.json... puts NAME.json beside this script for each; layer statistics keep nine
digits, logits all of theirs.
"""

import json
import os
import sys


def lines(name, entries, brackets):
    body = ",\n".join(entries)
    return f'"{name}":{brackets[0]}\n{body}\n{brackets[1]}'


def compact(reference):
    parts = []
    for key, value in reference.items():
        if key == "weights":
            rows = [json.dumps(row, separators=(",", ":")) for row in value]
            parts.append(lines(key, rows, "[]"))
        elif key == "layer_stats_mean_rms_first_last":
            rows = [
                f"{json.dumps(layer)}:[" + ",".join(f"{number:.9g}" for number in numbers) + "]"
                for layer, numbers in value.items()
            ]
            parts.append(lines(key, rows, "{}"))
        else:
            parts.append(f'"{key}":' + json.dumps(value, separators=(",", ":")))
    return "{" + ",\n".join(parts) + "}\n"


for path in sys.argv[1:]:
    with open(path) as source:
        text = compact(json.load(source))
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, os.path.basename(path)), "w") as target:
        target.write(text)
