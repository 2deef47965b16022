"""One table: which kind of error is which HTTP status; and how an error looks, as a page or as JSON."""

__all__ = ["ERRORS", "HTTP_STATUS", "ErrorOut", "ProblemOut", "install"]

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from vitrail.console.frame import Frame
from vitrail.console.language import Words
from vitrail.console.sessions import SignInNeeded, to_sign_in
from vitrail.domain.errors import Conflict, Corrupt, Invalid, NotFound, Problem, Refused, Unavailable, VitrailError

HTTP_STATUS: dict[type[VitrailError], int] = {
    Refused: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
    Corrupt: 500,
    Unavailable: 503,
}


class ErrorOut(BaseModel):
    """What went wrong, where, by which rule, and what to do. ``kind`` is one of the six of the table above, or none."""

    kind: str
    what: str
    where: str
    rule: str
    remedy: str

    @classmethod
    def of(cls, error: VitrailError, words: Words) -> "ErrorOut":
        """In the words of whoever asks; ``kind`` and ``where`` are the same in every language."""
        what, rule, remedy = map(words.said, (error.what, error.rule, error.remedy))
        return cls(kind=error.kind, what=what, where=error.where, rule=rule, remedy=remedy)


class ProblemOut(BaseModel):
    """One thing that is wrong in a file: at which key, and what would be right."""

    key: str
    what: str
    remedy: str

    @classmethod
    def of(cls, problem: Problem, words: Words) -> "ProblemOut":
        return cls(key=problem.key, what=words.said(problem.what), remedy=words.said(problem.remedy))


class ErrorAnswer(BaseModel):
    error: ErrorOut


class SignInAnswer(BaseModel):
    error: dict[str, str]


ERRORS: dict[int | str, dict[str, Any]] = {
    401: {"model": SignInAnswer, "description": "nobody is signed in"},
    413: {"model": ErrorAnswer, "description": "the request is too large"},
    429: {"model": ErrorAnswer, "description": "too many requests at once"},
    **{status: {"model": ErrorAnswer, "description": kind.__name__} for kind, status in HTTP_STATUS.items()},
}
"""For routers that programs use: how they answer when they do not answer."""


def install(app: FastAPI, frame: Frame) -> None:
    """Every error of the tree becomes its status, with what, where, rule and remedy; other failures keep their text
    to themselves."""

    @app.exception_handler(SignInNeeded)
    def _sign_in(request: Request, error: SignInNeeded) -> Response:
        return to_sign_in(request, error, frame.words(request))

    @app.exception_handler(VitrailError)
    def _ours(request: Request, error: VitrailError) -> Response:
        return _answer(request, frame, error, HTTP_STATUS[type(error)])

    @app.exception_handler(RequestValidationError)
    def _malformed(request: Request, error: RequestValidationError) -> Response:
        parts = sorted({".".join(str(step) for step in problem["loc"][1:]) for problem in error.errors()})
        return _answer(request, frame, Invalid("the request is malformed", where=", ".join(parts)), 422)

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        ours = NotFound("there is no such page") if error.status_code == 404 else Invalid(str(error.detail))
        return _answer(request, frame, ours, error.status_code)

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> Response:
        ours = Unavailable("something failed inside", remedy="try again; the operational log has the details")
        return _answer(request, frame, ours, 500)


def _answer(request: Request, frame: Frame, error: VitrailError, status: int) -> Response:
    if _wants_json(request):
        said = ErrorOut.of(error, frame.words(request))
        return JSONResponse({"error": said.model_dump()}, status_code=status)
    return frame.page(request, "error.html", {"error": error, "status": status}, status=status)


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get("accept", "")
