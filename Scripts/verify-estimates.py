#!/usr/bin/env python3
"""Compares what `descent train --estimate` says of an epoch with what epochs then take.

verify-estimates.py PROGRAM [--side 64] [ARCHITECTURE...] goes through all architectures. Each is
estimated, trained for some epochs, and estimated again, on made-up images of which it takes as many
as make an epoch of seconds; one that wants larger images gets the next of SIDES that it takes. The
figure is the estimate over the median of the epochs behind the first, which also warms up. Where
the two estimates differ by more than the limit, the machine was busy with something else: the
architecture is tried again, and then is too noisy to tell. Status 1 unless all are within the
limit. Python's own library is all it needs.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMIT = 0.15
TRIES = 3
BATCH = 16
CLASSES = 10
SIDES = [28, 32, 48, 64, 96, 128, 224]
# Multiply-adds of the forward passes of one epoch's images, and the images that may be.
WORK = 60e9
FEWEST, MOST = 120, 2000
# Seconds of real epochs to look at, and how many they may be.
SECONDS = 4
EPOCHS = (3, 40)


def idx(path, shape, data):
    sizes = b"".join(size.to_bytes(4, "big") for size in shape)
    path.write_bytes(bytes([0, 0, 8, len(shape)]) + sizes + data)


class Images:
    """Directories of made-up images, one for each number and side."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def directory(self, count, side):
        directory = self.folder / f"{count}-of-{side}"
        if not directory.exists():
            directory.mkdir(parents=True)
            source = random.Random(1)
            for name, images in [("train", count), ("t10k", count // 10)]:
                shape = [images, side, side, 3]
                idx(
                    directory / f"{name}-images-idx3-ubyte",
                    shape,
                    source.randbytes(images * side * side * 3),
                )
                labels = bytes(number % CLASSES for number in range(images))
                idx(directory / f"{name}-labels-idx1-ubyte", [images], labels)
        return directory


class Program:
    def __init__(self, path, home):
        self.path = path
        self.environment = dict(os.environ, DESCENT_HOME=str(home))
        self.home = Path(home)

    def run(self, *arguments):
        """What was printed, and the peak of resident memory in bytes."""
        process = subprocess.Popen(
            [self.path, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, arguments)
        return output, usage.ru_maxrss * 1024

    def models(self, side):
        listed, _ = self.run(
            "models", "--json", "--input", f"{side}x{side}x3", "--classes", str(CLASSES)
        )
        return {model["name"]: model for model in json.loads(listed)}

    def estimate(self, setting):
        return json.loads(self.run(*setting, "--estimate", "--json")[0])

    def epochs(self, setting, count):
        """Seconds of every epoch, and the peak of memory."""
        try:
            _, peak = self.run(*setting, "--epochs", str(count), "--headless")
            database = sqlite3.connect(self.home / "descent.sqlite")
            rows = database.execute("SELECT seconds FROM epochs ORDER BY epoch").fetchall()
            database.close()
            return [seconds for (seconds,) in rows], peak
        finally:
            # The store of a trained network is of no use any more, and may be gigabytes.
            shutil.rmtree(self.home, ignore_errors=True)


def measured(program, setting):
    """Both estimates of an epoch, the epochs' median, and planned over peak memory.

    What the first epoch reads and touches for the first time is no part of the others.
    """
    first = program.estimate(setting)
    expected = first["seconds_per_epoch"]["median"]
    count = max(EPOCHS[0], min(EPOCHS[1], 1 + round(SECONDS / max(expected, 1e-6))))
    seconds, peak = program.epochs(setting, count)
    second = program.estimate(setting)
    estimates = [estimate["seconds_per_epoch"]["median"] for estimate in (first, second)]
    memory = first["planned_memory_bytes"] / peak
    return estimates, statistics.median(seconds[1:]), memory


def verdict(estimates, epoch):
    ratio = (estimates[0] * estimates[1]) ** 0.5 / epoch
    if max(estimates) / min(estimates) > 1 + LIMIT:
        return ratio, "too noisy to tell"
    return ratio, "within" if 1 - LIMIT <= ratio <= 1 + LIMIT else "outside"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--side", type=int, default=64, help="of the images (default: 64)")
    parser.add_argument("--data", help="train on this instead of made-up images")
    parser.add_argument("architecture", nargs="*")
    options = parser.parse_intermixed_args()
    folder = tempfile.mkdtemp(prefix="descent-estimates-")
    try:
        faults = compare(options, folder)
    finally:
        shutil.rmtree(folder)
    sys.exit(1 if faults else 0)


def compare(options, folder):
    begin = time.monotonic()
    program = Program(str(Path(options.program).resolve()), Path(folder) / "store")
    images = Images(Path(folder) / "images")
    listed = {side: program.models(side) for side in SIDES if side >= options.side}
    names = options.architecture or list(listed[min(listed)])
    found = {}
    for name in names:
        side = next((side for side in listed if not listed[side][name].get("problem")), None)
        if side is None:
            sys.exit(f"{name} takes images of none of these sides: {SIDES}")
        work = listed[side][name]["multiply_adds"]
        count = max(FEWEST, min(MOST, int(WORK / work)))
        data, said_data = options.data, options.data
        if not data:
            data = f"mnist:{images.directory(count, side)}"
            said_data = f"{count} images of {side} x {side}"
        # At a low rate no network diverges, which would end its run.
        setting = ["train", name, "--data", data, "--batch-size", str(BATCH), "--lr", "1e-5"]
        for _ in range(TRIES):
            try:
                estimates, epoch, memory = measured(program, setting)
            except subprocess.CalledProcessError as error:
                found[name] = (None, f"failed with status {error.returncode}")
                print(f"{name}: {found[name][1]}", flush=True)
                break
            found[name] = verdict(estimates, epoch)
            ratio, said = found[name]
            print(
                f"{name}: {ratio:.2f} {said} ({estimates[0]:.3g} s and {estimates[1]:.3g} s"
                f" estimated, {epoch:.3g} s taken; {said_data};"
                f" memory planned over peak {memory:.2f})",
                flush=True,
            )
            if said != "too noisy to tell":
                break
    ratios = [ratio for ratio, said in found.values() if said in ("within", "outside")]
    faults = [name for name, (_, said) in found.items() if said != "within"]
    if ratios:
        print(
            f"{len(found) - len(faults)} of {len(found)} within {LIMIT:.0%},"
            f" lowest {min(ratios):.2f}, highest {max(ratios):.2f};"
            f" {time.monotonic() - begin:.0f} s"
        )
    if faults:
        print("not within: " + ", ".join(faults))
    return faults


main()
