#!/usr/bin/env python3
"""Measures training steps of Descent and of PyTorch in turn, case by case, and prints their ratios.

    Scripts/compare-pytorch.py PROGRAM INTERPRETER STEPS [--modes f32,f32-compile,bf16,bf16-compile]
        [--only CASE,...] [--rounds N] [--seconds S] [--threads N] [--figures FILE]

STEPS is a Python script that takes --only CASE --modes MODE --seconds S --threads N and prints a
line of JSON with case, mode, batch, params, images_per_s (of the median step) and peak_rss_mib;
INTERPRETER runs it. Modes that begin with f32 stand against `--precision f32`, the others against
bf16; the other side counts with the best of its modes. Every measure is a process of its own. The
ratio is that of the medians over the rounds. Close other programs first.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="the built descent")
    parser.add_argument("interpreter", help="a Python that has PyTorch")
    parser.add_argument("steps", help="the script that measures PyTorch's steps")
    parser.add_argument("--modes", default="f32,bf16")
    parser.add_argument("--only", default="", help="cases, with commas between")
    parser.add_argument("--rounds", type=int, default=1, help="measures of each side")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--figures", help="append a line of JSON for each case and precision")
    return parser.parse_args()


def last_object(command):
    """The last line of a command's output as JSON; None, and a word on it, where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        reason = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        print(f"{' '.join(command)}: {reason}", file=sys.stderr, flush=True)
        return None
    return json.loads(lines[-1])


class Side:
    """What one program gave for one case, over the rounds."""

    def __init__(self):
        self.measures = []

    def take(self, command):
        measure = last_object(command)
        if measure is not None:
            self.measures.append(measure)

    @property
    def rate(self):
        rates = [measure["images_per_s"] for measure in self.measures]
        return statistics.median(rates) if rates else 0

    @property
    def memory(self):
        return min((measure["peak_rss_mib"] for measure in self.measures), default=None)


def measure(options, case, precision, modes):
    """Both sides of a case in turn, as one object."""
    common = ["--seconds", str(options.seconds), "--threads", str(options.threads)]
    ours = Side()
    theirs = {mode: Side() for mode in modes}
    for _ in range(options.rounds):
        ours.take(
            [options.program, "bench", "steps", case, "--precision", precision, "--json", *common]
        )
        for mode, side in theirs.items():
            side.take(
                [options.interpreter, options.steps, "--only", case, "--modes", mode, *common]
            )
    best = max(theirs, key=lambda mode: theirs[mode].rate)
    found = {
        "case": case,
        "precision": precision,
        "images_per_s": ours.rate,
        "peer_images_per_s": theirs[best].rate,
        "peer_mode": best,
        "memory_mib": ours.memory,
        "peer_memory_mib": theirs[best].memory,
        "is_too_noisy": any(measure["is_too_noisy"] for measure in ours.measures),
    }
    if ours.rate and theirs[best].rate:
        found["ratio"] = ours.rate / theirs[best].rate
        found["same"] = same(ours.measures[0], theirs[best].measures[0])
    return found


def same(ours, theirs):
    """Whether both sides trained as many weights on as large a batch."""
    return ours["batch"] == theirs["batch"] and ours["parameters"] == theirs["params"]


def line(found):
    text = (
        "{case:<22} {precision:<5} {images_per_s:>10.1f} {peer_images_per_s:>10.1f}"
        " {peer_mode:<13}".format(**found)
    )
    text += f" {found['ratio']:>6.2f}" if "ratio" in found else "      -"
    text += f"  {found['memory_mib']} / {found['peer_memory_mib']} MiB"
    if not found.get("same", True):
        text += "  not the same network or batch"
    if found["is_too_noisy"]:
        text += "  too noisy to tell"
    return text


def summary(precision, ratios):
    if not ratios:
        return f"{precision}: no ratio"
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    return f"{precision}: lowest {min(ratios):.2f}, geometric mean {mean:.2f}, {len(ratios)} cases"


def main():
    options = arguments()
    listed = subprocess.run(
        [options.program, "bench", "steps", "--list"], stdout=subprocess.PIPE, text=True, check=True
    )
    cases = [case for case in options.only.split(",") if case] or listed.stdout.split()
    modes = options.modes.split(",")
    precisions = {"f32": [], "bf16": []}
    for mode in modes:
        precisions["f32" if mode.startswith("f32") else "bf16"].append(mode)
    ratios = {precision: [] for precision in precisions}
    print("case                   type      ours/s    theirs/s mode           ratio  peak memory")
    for case in cases:
        for precision, its_modes in precisions.items():
            if not its_modes:
                continue
            found = measure(options, case, precision, its_modes)
            print(line(found), flush=True)
            if "ratio" in found:
                ratios[precision].append(found["ratio"])
            if options.figures:
                with open(options.figures, "a") as file:
                    file.write(json.dumps(found) + "\n")
    for precision, its_modes in precisions.items():
        if its_modes:
            print(summary(precision, ratios[precision]))


main()
