"""How many entries a second the ledger takes, each on the disk before it is answered, and how fast all are verified.

Against plain SQLite in the same run: the same payloads into one table, one synced transaction each, by one thread. The
ledger writes down together what comes in at once; one asker alone waits for the disk like anybody.

``--entries`` measures one large ledger and nothing else: written in batches (10,000 different sealed entries, again and
again, a signed head after each batch), then opened, proven and verified like any other.
"""

import argparse
import resource
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
from vitrail.guard import proofs
from vitrail.guard.ledger import Ledger
from vitrail.guard.sealing import Keyring

_THREADS = (1, 4, 16, 64)
_BATCH = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=4.0, help="for each measurement")
    parser.add_argument("--verify", type=int, default=200_000, help="entries to verify")
    parser.add_argument("--data", type=Path, help="not used: the ledger needs no recordings")
    parser.add_argument("--entries", type=int, help="measure one ledger of so many entries, and nothing else")
    parser.add_argument("--place", type=Path, default=Path.cwd(), help="where the files are made, and removed after")
    given = parser.parse_args()
    if given.entries:
        with tempfile.TemporaryDirectory(dir=given.place) as place:
            large(Path(place), given.entries)
        return
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=given.place) as place:
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


def sealed_batch(keyring: Keyring) -> list[bytes]:
    """What many days of looking at alerts leave behind: sealed like every entry of somebody."""
    now_us = SystemClock().now_us()
    return [
        keyring.sealed(
            Entry(now_us + i, Operation.CONSULT, Outcome.OPENED, f"somebody {i % 50}", f"alert:{i}", "measuring")
        ).payload()
        for i in range(_BATCH)
    ]


def verified(state: Path, count: int) -> float:
    with open_database(state) as records:
        payloads = sealed_batch(Keyring(records.ledger.keys, SystemClock()))
        for _ in range(0, count, _BATCH):
            records.ledger.append(payloads)
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        ledger.checkpoint()
        began = time.perf_counter()
        report = ledger.verify()
        assert not report.problems
        return report.size / (time.perf_counter() - began)


def large(state: Path, count: int) -> None:
    figures: dict[str, float] = {"entries": count}

    def told(what: str, began: float) -> float:
        took = time.perf_counter() - began
        print(f"{what}: {took:.2f} s", flush=True)
        figures[f"{what.replace(' ', '_')}_s"] = round(took, 2)
        return took

    with open_database(state) as records:
        payloads = sealed_batch(Keyring(records.ledger.keys, SystemClock()))
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        began = time.perf_counter()
        for first in range(0, count, _BATCH):
            records.ledger.append(payloads[: count - first])
            ledger.checkpoint()
        figures["written_a_second"] = round(count / told("written in batches", began))
    figures["file_mib"] = round(sum(path.stat().st_size for path in state.iterdir()) / 2**20)
    with open_database(state) as records:
        began = time.perf_counter()
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        told("opened", began)
        began = time.perf_counter()
        ledger.note(Operation.CONSULT, Outcome.OPENED, "somebody", "alert:x", "measuring")
        told("one more entry", began)
        began = time.perf_counter()
        proofs.proof(records.ledger, count // 3, ledger.public_key)
        told("one entry proven", began)
        began = time.perf_counter()
        proofs.consistency(records.ledger, min(count, _BATCH))
        told("two heads proven", began)
        began = time.perf_counter()
        report = ledger.verify()
        assert report.size == count + 1 and not report.problems
        figures["verified_a_second"] = round(report.size / told("verified", began))
    figures["peak_memory_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    say_json(benchmark="ledger-large", **figures)


if __name__ == "__main__":
    main()
