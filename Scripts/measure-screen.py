#!/usr/bin/env python3
"""Measures what the dashboard costs: time of a run with and without it, key to screen, idle.

    Scripts/measure-screen.py PROGRAM [--data DATA] [--epochs N] [--pairs N]

Needs nothing but Python 3. Prints one line a measure:
- cost: the same run headless and in a terminal of 120x36, in turn; ratios of the run's own seconds;
- key: milliseconds from a key press to its effect on the screen while all processors train;
- idle: share of a processor the dashboard uses on a list of runs, and on a paused run.
"""
import argparse, fcntl, os, pty, re, select, signal, statistics, struct, subprocess, sys, tempfile, termios, time


class Terminal:
    """A program in a terminal of its own; what it draws is read and searched."""

    def __init__(self, command, home, columns=120, rows=36):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(DESCENT_HOME=home, TERM="xterm-256color", LANG="C.UTF-8")
            os.execv(command[0], command)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.seen = b""

    def read(self, seconds):
        ready, _, _ = select.select([self.fd], [], [], seconds)
        if not ready:
            return b""
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return None
        self.seen = (self.seen + data)[-200_000:]
        return data

    def until(self, pattern, seconds, pace=0):
        """Seconds until the pattern is drawn, from now; None if it is not, or the program ends.

        `pace` seconds pass between two looks, so that looking takes no time from the program.
        """
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            time.sleep(pace)
            if self.read(0.005 if pace == 0 else pace) is None:
                return None
            if re.search(pattern, plain(self.seen[-8192:])):
                return time.monotonic() - start
        return None

    def rest(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.read(0.1) is None:
                break
        os.waitpid(self.pid, 0)

    def press(self, keys):
        self.seen = b""
        os.write(self.fd, keys)

    def processor_seconds(self):
        fields = open(f"/proc/{self.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def plain(data):
    return re.sub(rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[()][0-9A-B]", b"", data).decode("utf-8", "ignore")


def seconds_of(text):
    match = re.search(r"finished after ([0-9.]+) s", text)
    return float(match.group(1)) if match else None


def run_headless(command, home):
    out = subprocess.run(command + ["--headless"], env=dict(os.environ, DESCENT_HOME=home), capture_output=True, text=True)
    return seconds_of(out.stdout)


def run_on_screen(command, home):
    terminal = Terminal(command, home)
    terminal.until(r"finished", 3600, pace=0.2)
    terminal.press(b"q")
    terminal.rest()
    return seconds_of(plain(terminal.seen))


def measure_cost(command, home, pairs):
    ratios = []
    for pair in range(pairs):
        # Which goes first changes, so that a machine that slows down favours neither.
        order = [run_headless, run_on_screen] if pair % 2 == 0 else [run_on_screen, run_headless]
        figures = {measure: measure(command, home) for measure in order}
        ratios.append(figures[run_on_screen] / figures[run_headless])
        print(f"  pair {pair + 1}: headless {figures[run_headless]:.2f} s, on screen {figures[run_on_screen]:.2f} s, "
              f"ratio {ratios[-1]:.4f}", flush=True)
    print(f"cost: median ratio of {pairs} pairs {statistics.median(ratios):.4f} "
          f"({(statistics.median(ratios) - 1) * 100:+.2f} %)", flush=True)


def measure_keys(command, home):
    terminal = Terminal(command, home)
    terminal.until(r"training", 30)
    # A second of training, so that both processors are busy.
    terminal.until(r"\0", 2)
    latencies = []
    for _ in range(25):
        terminal.press(b"?")
        latencies.append(terminal.until(r"Type to search", 5))
        terminal.press(b"\x1b")
        terminal.until(r"\0", 0.4)
    good = sorted(x * 1000 for x in latencies if x is not None)
    print(f"key: median {statistics.median(good):.1f} ms, worst {good[-1]:.1f} ms, {len(good)} of 25 seen", flush=True)
    idle(terminal, "idle, while it trains", 0)
    terminal.press(b" ")
    terminal.until(r"PAUSED", 5)
    idle(terminal, "idle, paused run (whole process)", 10)
    terminal.press(b"qs")
    terminal.rest()


def idle(terminal, name, seconds):
    if seconds == 0:
        return
    terminal.until(r"\0", 1)
    before, start = terminal.processor_seconds(), time.monotonic()
    terminal.until(r"\0", seconds)
    used = terminal.processor_seconds() - before
    print(f"{name}: {used / (time.monotonic() - start) * 100:.2f} % of a processor over {seconds} s", flush=True)


def measure_idle_list(program, home):
    terminal = Terminal([program], home)
    terminal.until(r"Runs", 10)
    idle(terminal, "idle, list of runs", 20)
    terminal.press(b"q")
    terminal.rest()


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("program")
parser.add_argument("--data", default="digits")
parser.add_argument("--architecture", default="cnn")
parser.add_argument("--epochs", type=int, default=150)
parser.add_argument("--pairs", type=int, default=5)
options = parser.parse_args()
program = os.path.abspath(options.program)
with tempfile.TemporaryDirectory() as home:
    train = [program, "train", options.architecture, "--data", options.data, "--epochs"]
    measure_keys(train + ["100000"], home)
    measure_idle_list(program, home)
    measure_cost(train + [str(options.epochs)], home, options.pairs)
