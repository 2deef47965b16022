"""How long work answers a page that waits for it."""

__all__ = ["job_answer"]

from fastapi import Request
from fastapi.responses import JSONResponse

from vitrail.console.parts import rooms
from vitrail.console.status import ErrorOut
from vitrail.runtime.jobs import Job


def job_answer(request: Request, job: Job) -> JSONResponse:
    """State, progress 0..1, and the error in the words of whoever waits, when it failed."""
    said: dict[str, object] = {"state": job.state, "progress": round(job.progress, 3)}
    if job.error is not None:
        said["error"] = ErrorOut.of(job.error, rooms(request).frame.words(request)).model_dump()
    return JSONResponse(said, headers={"Cache-Control": "no-store"})
