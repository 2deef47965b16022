"""Long work asked for by a person (a masked clip), done beside the page that waits for it, with progress."""

__all__ = ["Job", "Jobs", "State"]

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import structlog

from vitrail.domain.errors import Unavailable, VitrailError

Progress = Callable[[float], None]
Work = Callable[[Progress], Path]
State = Literal["waiting", "running", "done", "failed"]

_KEPT = 256
_log = structlog.get_logger("vitrail.jobs")


class Job:
    """One piece of work. Written by its worker thread, read by anybody."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.state: State = "waiting"
        self.progress = 0.0
        self.path: Path | None = None
        self.error: VitrailError | None = None
        self._over = threading.Event()

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def wait(self, timeout_s: float) -> bool:
        """Whether it is over."""
        return self._over.wait(timeout_s)

    def run(self, work: Work) -> None:
        self.state = "running"
        try:
            self.path = work(self._advance)
            self.progress = 1.0
            self.state = "done"
        except VitrailError as error:
            self.error = error
            self.state = "failed"
        except Exception as error:
            self.error = Unavailable(f"the work failed: {type(error).__name__}", where=self.key)
            self.state = "failed"
            _log.exception("job failed", key=self.key)
        finally:
            self._over.set()

    def _advance(self, share: float) -> None:
        self.progress = max(self.progress, min(1.0, share))


class Jobs:
    """A small pool; asking twice for the same running work gives the same job."""

    def __init__(self, workers: int = 1) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="job")
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def submit(self, key: str, work: Work) -> Job:
        with self._lock:
            known = self._jobs.get(key)
            if known is not None and not known.over:
                return known
            job = Job(key)
            self._jobs[key] = job
            self._jobs.move_to_end(key)
            self._forget_old()
        self._pool.submit(job.run, work)
        return job

    def get(self, key: str) -> Job | None:
        with self._lock:
            return self._jobs.get(key)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _forget_old(self) -> None:
        for key in [k for k, j in self._jobs.items() if j.over][: max(0, len(self._jobs) - _KEPT)]:
            del self._jobs[key]
