import threading
from collections.abc import Callable
from pathlib import Path

from vitrail.domain.errors import NotFound, Unavailable
from vitrail.runtime.jobs import Jobs


def test_a_job_ends_with_its_path_and_full_progress() -> None:
    jobs = Jobs()
    job = jobs.submit("clip", lambda _: Path("clip.mp4"))
    assert job.wait(5)
    assert (job.state, job.progress, job.path) == ("done", 1.0, Path("clip.mp4"))


def test_asking_twice_for_running_work_gives_the_same_job() -> None:
    jobs = Jobs()
    go = threading.Event()

    def work(progress: Callable[[float], None]) -> Path:
        progress(0.5)
        progress(0.2)
        go.wait(5)
        return Path("x")

    first, second = jobs.submit("k", work), jobs.submit("k", work)
    assert first is second
    go.set()
    assert first.wait(5)
    assert jobs.submit("k", work) is not first


def test_a_refusal_in_the_work_reaches_the_one_who_asked() -> None:
    def work(_: Callable[[float], None]) -> Path:
        raise NotFound("no footage")

    job = Jobs().submit("k", work)
    assert job.wait(5)
    assert job.state == "failed" and isinstance(job.error, NotFound)


def test_a_bug_in_the_work_is_told_as_unavailable_without_its_text() -> None:
    def work(_: Callable[[float], None]) -> Path:
        raise RuntimeError("secret detail")

    job = Jobs().submit("k", work)
    assert job.wait(5)
    assert isinstance(job.error, Unavailable) and "secret" not in str(job.error)
