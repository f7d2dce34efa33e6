#!/usr/bin/env python3
"""Lets every architecture take ten training steps on one fixed batch at its native size.

verify-training.py PROGRAM FIGURES [ARCHITECTURE...] runs each in a process of its own, so that the
peak of memory is its own; the loss must fall. A line of JSON for each is appended to FIGURES.
"""

import json
import subprocess
import sys


def main():
    program, figures, *names = sys.argv[1:]
    if not names:
        listed = subprocess.run([program, "models", "--json"], stdout=subprocess.PIPE, check=True)
        names = [model["name"] for model in json.loads(listed.stdout)]
    faults = []
    for name in names:
        done = subprocess.run(
            [program, "bench", "fit", name, "--json"], stdout=subprocess.PIPE, text=True
        )
        if done.stdout:
            found = json.loads(done.stdout)
            with open(figures, "a") as file:
                file.write(done.stdout)
            print(
                "{architecture}: {s_per_step:.3f} s a step at batch {batch}, peak {peak_rss_mib} MiB,"
                " loss {first_loss:.4f} to {last_loss:.4f}".format(**found),
                flush=True,
            )
        if done.returncode != 0:
            faults.append(name)
            print(f"{name}: failed with status {done.returncode}", flush=True)
    if faults:
        sys.exit("the loss does not fall: " + ", ".join(faults))


main()
