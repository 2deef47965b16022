"""How long work answers a page that waits for it."""

__all__ = ["job_answer"]

from fastapi.responses import JSONResponse

from vitrail.runtime.jobs import Job


def job_answer(job: Job) -> JSONResponse:
    """State, progress 0..1, and the error in the words of the house when it failed."""
    said: dict[str, object] = {"state": job.state, "progress": round(job.progress, 3)}
    if job.error is not None:
        said["error"] = {name: getattr(job.error, name) for name in ("kind", "what", "where", "rule", "remedy")}
    return JSONResponse(said, headers={"Cache-Control": "no-store"})
