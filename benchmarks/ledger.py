"""How many entries a second the ledger takes, each on the disk before it is answered, and how fast all are verified.

Against plain SQLite in the same run: the same payloads into one table, one synced transaction each, by one thread. A
ledger that answers many askers at once may write them down together; one asker alone waits for the disk like anybody.
"""

import argparse
import sqlite3
import tempfile
import threading
import time
from pathlib import Path

from _data import say_json
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.sqlite import open_database
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.guard.ledger import Ledger

_THREADS = (1, 4, 16, 64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each measurement")
    parser.add_argument("--verify", type=int, default=200_000, help="entries to verify")
    parser.add_argument("--data", type=Path, help="not used: the ledger needs no recordings")
    given = parser.parse_args()
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        plain = sqlite_commits(Path(place) / "plain.db", given.seconds)
        figures["plain_sqlite_a_second"] = round(plain)
        print(f"plain SQLite, one synced transaction each: {plain:.0f} a second")
        for threads in _THREADS:
            rate = appends(Path(place) / f"state-{threads}", threads, given.seconds)
            figures[f"appends_{threads}_threads_a_second"] = round(rate)
            print(f"ledger, {threads} askers at once: {rate:.0f} a second, {rate / plain:.2f} times plain SQLite")
        rate = verified(Path(place) / "verified", given.verify)
        figures |= {"verified_a_second": round(rate), "minutes_for_10_million": round(1e7 / rate / 60, 1)}
        print(f"verified: {rate:.0f} a second over {given.verify} entries; 10 million in {1e7 / rate / 60:.1f} minutes")
    say_json(benchmark="ledger", **figures)


def sqlite_commits(path: Path, seconds: float) -> float:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE entry (idx INTEGER PRIMARY KEY, payload BLOB)")
    payload = Entry(0, Operation.CONSULT, Outcome.OPENED, "somebody", "alert:x", "measuring").payload()
    count, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        database.execute("INSERT INTO entry (payload) VALUES (?)", (payload,))
        count += 1
    took = time.perf_counter() - began
    database.close()
    return count / took


def appends(state: Path, threads: int, seconds: float) -> float:
    with open_database(state) as records:
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        until = time.perf_counter() + seconds
        began = time.perf_counter()

        def work() -> None:
            while time.perf_counter() < until:
                ledger.note(Operation.CONSULT, Outcome.OPENED, "somebody", "alert:x", "measuring")

        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        rate = ledger.size / (time.perf_counter() - began)
        ledger.close()
        return rate


def verified(state: Path, count: int) -> float:
    with open_database(state) as records:
        payload = Entry(1, Operation.CONSULT, Outcome.DONE, "somebody", "alert:x", "measuring").payload()
        for _ in range(0, count, 10_000):
            records.ledger.append([payload] * 10_000)
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        ledger.checkpoint()
        began = time.perf_counter()
        report = ledger.verify()
        assert not report.problems
        return report.size / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
