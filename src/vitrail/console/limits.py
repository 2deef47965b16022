"""How much one browser may ask for, and how large a request may be: before anything else is read of it."""

__all__ = ["BODY_BYTES", "UPLOADS", "Limits"]

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitrail.console.sessions import SESSION_COOKIE

BODY_BYTES = 256 * 1024
"""Of any form: the longest has a dozen fields of a few hundred characters."""
UPLOADS: Mapping[str, int] = {}
"""Paths that take more, with how much in bytes."""
_PER_S, _BURST = 50.0, 400.0
"""A wall of sixty tiles asks for a hundred things at once when it opens, then for some ten a second."""
_KNOWN = 4096


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class TooLarge(Exception):
    """The body went on past its limit."""


class Limits:
    """ASGI middleware. A token bucket for each session, or for each address where nobody is signed in; the least
    recently seen of 4,096 is forgotten. Behind a proxy that names no client all strangers share one."""

    def __init__(self, app: ASGIApp, now_s: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._now_s = now_s
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if not self._may(_who(scope)):
            await _said("too many requests at once", "wait a moment", 429, {"Retry-After": "1"})(scope, receive, send)
            return
        most = UPLOADS.get(scope["path"], BODY_BYTES)
        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdigit() or int(length) > most:
            await _too_large(most)(scope, receive, send)
            return
        await self._guarded(scope, receive, send, most)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        """A body that does not say how long it is may still not go on for ever."""
        got, begun = 0, False

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                raise TooLarge
            return message

        async def told(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, told)
        except TooLarge:
            if begun:
                raise
            await _too_large(most)(scope, receive, send)

    def _may(self, who: str) -> bool:
        now_s = self._now_s()
        bucket = self._buckets.pop(who, None) or _Bucket(_BURST, now_s)
        bucket.tokens = min(_BURST, bucket.tokens + (now_s - bucket.at_s) * _PER_S)
        bucket.at_s = now_s
        self._buckets[who] = bucket
        if len(self._buckets) > _KNOWN:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True


def _who(scope: Scope) -> str:
    connection = HTTPConnection(scope)
    token = connection.cookies.get(SESSION_COOKIE)
    if token:
        return hashlib.sha256(token.encode()).hexdigest()
    return connection.client.host if connection.client else ""


def _too_large(most: int) -> JSONResponse:
    return _said(f"the request is larger than {most} bytes", "send less", 413)


def _said(what: str, remedy: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    error = {"kind": "refused", "what": what, "where": "", "rule": "limits", "remedy": remedy}
    return JSONResponse({"error": error}, status_code=status, headers=headers)
