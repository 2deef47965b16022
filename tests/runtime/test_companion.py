"""A process beside ours, as it is: real processes, real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vitrail.runtime.companion import Companion

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
PATIENCE_S = 20.0


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()


def test_it_runs_while_ours_does_and_ends_with_it() -> None:
    with Companion("sleeper", SLEEPER) as companion:
        until(lambda: companion.pid)
        pid = companion.pid
        assert pid and companion.problem == ""
    assert gone(pid)


def test_one_that_dies_is_told_and_started_again() -> None:
    with Companion("sleeper", SLEEPER) as companion:
        until(lambda: companion.pid)
        first = companion.pid
        assert first
        os.kill(first, signal.SIGKILL)
        until(lambda: "ended by itself" in companion.problem)
        until(lambda: companion.pid not in (None, first))
        assert companion.problem == ""


def test_one_that_cannot_be_started_is_told() -> None:
    with Companion("nobody", ["/nowhere/nobody"]) as companion:
        until(lambda: "cannot be started" in companion.problem)


def test_it_outlives_a_process_that_is_killed() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time\n"
            "from vitrail.runtime.companion import Companion\n"
            f"with Companion('sleeper', {SLEEPER!r}) as c:\n"
            "    while not c.pid: time.sleep(0.05)\n"
            "    print(c.pid, flush=True)\n"
            "    time.sleep(60)\n",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait(PATIENCE_S)
    parent.stdout.close()
    assert not gone(pid)
    os.kill(pid, signal.SIGKILL)
