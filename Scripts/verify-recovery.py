#!/usr/bin/env python3
"""Kills a short run again and again at random moments, and asks that nothing is lost by it.

verify-recovery.py PROGRAM [--kills 50] [--seed 1] trains twice with as many kills, most of them
SIGKILL, some SIGTERM; after some the newest checkpoint is truncated, as a power cut leaves it. Each
time `descent resume` goes on. The first run must end with the bits of an undisturbed one: its
checkpoints, its curves. The second is steered from outside meanwhile, and must be what `descent
replay` makes of its recorded changes. Of both the database must be whole, and no file may be left
that a run to its end does not leave. Python's own library is all it needs.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATABASE = {"descent.sqlite", "descent.sqlite-wal", "descent.sqlite-shm"}
STEERING = [
    ["--lr", "*0.5"],
    ["--lr", "0.01"],
    ["--lr", "0.004"],
    ["--lr", "schedule"],
    ["--change", "momentum 0.5"],
    ["--change", "momentum 0.8"],
    ["--change", "weight-decay 1e-3"],
    ["--change", "batch 32"],
    ["--change", "batch 16"],
    ["--change", "freeze conv1"],
    ["--change", "unfreeze conv1"],
    ["--change", "epochs +1"],
    ["--change", "threads 1"],
    ["--undo"],
    ["--undo"],
    ["--undo"],
    ["--checkpoint"],
    ["--checkpoint"],
    ["--lr", "0.008", "--change", "momentum 0.7"],
]
# Seconds within which a change is surely heard: a run looks for commands ten times a second.
LISTENING = 0.25
CURVES = {
    "steps": "step, epoch, loss, accuracy, learning_rate",
    "epochs": "epoch, step, train_loss, train_accuracy, validation_loss, validation_accuracy,"
    " learning_rate",
}


class Home:
    """A store and a temporary directory of its own, and the program that writes into them."""

    def __init__(self, program, folder):
        self.program = program
        self.store = Path(folder) / "store"
        self.temporary = Path(folder) / "temporary"
        self.temporary.mkdir(parents=True)
        self.environment = dict(
            os.environ, DESCENT_HOME=str(self.store), TMPDIR=str(self.temporary)
        )

    def start(self, *arguments):
        return subprocess.Popen(
            [self.program, *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments):
        """Runs to the end, which must be a good one; returns what was printed."""
        process = self.start(*arguments)
        output, errors = process.communicate()
        if process.returncode != 0:
            sys.exit(f"descent {' '.join(arguments)}: status {process.returncode}\n{errors}")
        return output

    def ask(self, question):
        database = sqlite3.connect(self.store / "descent.sqlite")
        try:
            return database.execute(question).fetchall()
        finally:
            database.close()

    def checkpoints(self):
        """The files of run 1, oldest first."""
        return sorted((self.store / "runs/1/checkpoints").glob("*.safetensors"))

    def faults(self):
        """What is wrong with the database, and files nobody needs."""
        found = [f"integrity_check: {row[0]}" for row in self.ask("PRAGMA integrity_check")]
        found = [line for line in found if line != "integrity_check: ok"]
        named = {f"runs/1/{path}" for (path,) in self.ask("SELECT path FROM checkpoints")}
        there = {
            str(path.relative_to(self.store)) for path in self.store.rglob("*") if path.is_file()
        }
        found += [f"left behind: {path}" for path in sorted(there - named - DATABASE)]
        found += [f"named, but gone: {path}" for path in sorted(named - there)]
        found += [f"left behind: {path}" for path in sorted(self.temporary.rglob("*"))]
        return found


def tensors(path):
    """Name, type, shape and bytes of all tensors of a safetensors file."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = data[8 + length :]
    return {
        name: (entry["dtype"], entry["shape"], body[slice(*entry["data_offsets"])])
        for name, entry in header.items()
    }


def train(home, epochs):
    return ["train", "cnn", "--data", "digits", "--batch-size", "16", "--epochs", str(epochs)] + [
        "--headless",
        "--json",
    ]


class Disturbance:
    """Kills, truncations and changes, drawn from a seed."""

    def __init__(self, home, epoch, seed, is_steered):
        self.home = home
        self.epoch = epoch
        self.random = random.Random(seed)
        self.is_steered = is_steered
        self.counts = {"SIGKILL": 0, "SIGTERM": 0, "truncated": 0, "sent": 0, "warned": 0}

    def cut(self, process):
        """Lets the process train for a while, steers it perhaps, and kills it."""
        delays = self.random
        # Sometimes before it has begun: reading the store, making the plan, the first file.
        if delays.random() < 0.8:
            process.stdout.readline()
        sent = []
        for _ in range(delays.choice([0, 1, 1, 2]) if self.is_steered else 0):
            time.sleep(delays.uniform(0, LISTENING))
            sent.append(self.home.start("set", "1", *delays.choice(STEERING)))
        time.sleep(delays.uniform(0, 1.5 * (LISTENING if sent else self.epoch)))
        if process.poll() is not None:
            output, errors = process.communicate()
            sys.exit(f"the run ended before its last kill: {output[-300:]}{errors}")
        kind = signal.SIGTERM if delays.random() < 0.2 else signal.SIGKILL
        process.send_signal(kind)
        _, errors = process.communicate()
        self.counts[kind.name] += 1
        # What could not be steered, because nothing ran any more, is no fault: it says so.
        for command in sent:
            said = command.communicate()[1]
            self.counts["sent"] += command.returncode == 0
            if command.returncode not in (0, 2):
                sys.exit(f"descent set: status {command.returncode}\n{said}")
        if process.returncode not in (-kind, 130):
            sys.exit(f"killed with {kind.name}: status {process.returncode}\n{errors}")
        self.counts["warned"] += "the checkpoint before is used" in errors

    def spoil(self):
        """Leaves of the newest checkpoint what a power cut may leave of it."""
        files = self.home.checkpoints()
        if files and self.random.random() < 0.25:
            os.truncate(files[-1], self.random.randrange(files[-1].stat().st_size))
            self.counts["truncated"] += 1

    def all(self, first, kills):
        process = self.home.start(*first)
        # A run that was killed before it was stored is started again.
        for number in range(kills):
            self.cut(process)
            self.spoil()
            again = ["resume", "1", "--headless", "--json"] if self.is_stored() else first
            if number < kills - 1:
                process = self.home.start(*again)
            else:
                self.home.run(*again)

    def is_stored(self):
        try:
            return self.home.ask("SELECT count(*) FROM runs") != [(0,)]
        except sqlite3.Error:
            return False

    def sentence(self):
        return (
            "{SIGKILL} SIGKILL, {SIGTERM} SIGTERM, {truncated} truncated checkpoints".format(
                **self.counts
            )
            + (f", {self.counts['sent']} changes sent" if self.is_steered else "")
        )


def unsteered(program, folder, kills, seed):
    """The faults of a run that was only killed, beside an undisturbed one."""
    undisturbed = Home(program, Path(folder) / "undisturbed")
    arguments = train(undisturbed, kills)
    undisturbed.run(*arguments)
    ((epoch,),) = undisturbed.ask("SELECT avg(seconds) FROM epochs")
    home = Home(program, Path(folder) / "killed")
    disturbance = Disturbance(home, epoch, seed, is_steered=False)
    disturbance.all(arguments, kills)
    print(f"killed: {disturbance.sentence()}", flush=True)
    faults = home.faults()
    for table, columns in CURVES.items():
        question = f"SELECT {columns} FROM {table} ORDER BY 1"
        pairs = zip(undisturbed.ask(question), home.ask(question))
        faults += [f"{table}: {there} is {here}" for there, here in pairs if there != here][:3]
        question = f"SELECT count(*) FROM {table}"
        if undisturbed.ask(question) != home.ask(question):
            faults.append(f"{table}: {undisturbed.ask(question)} rows are {home.ask(question)}")
    expected = {path.name: path for path in undisturbed.checkpoints()}
    found = {path.name: path for path in home.checkpoints()}
    if expected.keys() != found.keys():
        faults.append(f"checkpoints {sorted(expected)} are {sorted(found)}")
    for name in sorted(expected.keys() & found.keys()):
        if tensors(expected[name]) != tensors(found[name]):
            faults.append(f"{name} has other bits")
    return epoch, faults


def steered(program, folder, kills, seed, epoch):
    """The faults of a run that was killed and steered, beside its replay."""
    home = Home(program, Path(folder) / "steered")
    disturbance = Disturbance(home, epoch, seed, is_steered=True)
    # Time to be steered in is time to train.
    disturbance.all(train(home, int(kills * (1 + 1.5 * LISTENING / epoch))), kills)
    changes = home.ask("SELECT kind, count(*) FROM changes GROUP BY kind ORDER BY kind")
    kinds = ", ".join(f"{count} {kind}" for kind, count in changes)
    print(f"steered: {disturbance.sentence()}; recorded: {kinds}", flush=True)
    faults = home.faults()
    ((count,),) = home.ask("SELECT count(*) FROM changes WHERE details IS NOT NULL")
    if count < kills / 10:
        faults.append(f"only {count} changes were recorded: that proves little")
    replay = home.start("replay", "1", "--json")
    output, errors = replay.communicate()
    result = json.loads(output) if output else {}
    if replay.returncode != 0 or not result.get("is_identical"):
        faults.append(f"replay: status {replay.returncode}, {output or errors}")
    else:
        print(f"replay: {output.strip()}", flush=True)
    return faults + [fault for fault in home.faults() if fault not in faults]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the stores for looking at")
    options = parser.parse_args()
    program = str(Path(options.program).resolve())
    begin = time.monotonic()
    folder = tempfile.mkdtemp(prefix="descent-recovery-")
    epoch, faults = unsteered(program, folder, options.kills, options.seed)
    faults += steered(program, folder, options.kills, options.seed + 1, epoch)
    if options.keep:
        print(f"kept in {folder}")
    else:
        subprocess.run(["rm", "-r", folder], check=True)
    if faults:
        sys.exit("\n".join(faults))
    print(f"every bit is the same, nothing is left behind: {time.monotonic() - begin:.0f} s")


main()
