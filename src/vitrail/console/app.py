"""The console as one ASGI application, and the server that runs it."""

__all__ = ["ConsoleParts", "Tls", "build_app", "serve"]

import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import anyio
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.staticfiles import StaticFiles

import vitrail
from vitrail.console import status
from vitrail.console.frame import Alarms, Frame, Place
from vitrail.console.limits import Limits
from vitrail.console.pages import (
    alerts,
    api,
    api_bundles,
    api_replay,
    api_search,
    api_upkeep,
    cases,
    changed,
    figures,
    followup,
    guidance,
    handover,
    house,
    recording,
    rights,
    search,
    setup,
    setup_add,
    setup_try,
    sign_in,
    site_map,
    stop,
    upkeep,
    watch,
)
from vitrail.console.pages.inside import INSIDE
from vitrail.console.parts import ConsoleParts, Rooms
from vitrail.domain.mandates import Mode
from vitrail.services.adding import Adding
from vitrail.services.administer import Administer
from vitrail.services.handover import Handover
from vitrail.services.investigate import Investigate
from vitrail.services.replay import Replay
from vitrail.services.review import Review
from vitrail.services.search import Search
from vitrail.services.setup import SetUp
from vitrail.services.survey import Survey
from vitrail.services.upkeep import Upkeep

_WAITING_THREADS = 200
"""Requests that may wait at once for the guard or for the next live picture."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


_ONLY_TLS = "max-age=31536000"
"""Browsers that came over TLS once never come without it for a year (RFC 6797)."""


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files: the certificate with its chain, and its private key."""

    certificate: Path
    key: Path


def build_app(parts: ConsoleParts) -> FastAPI:
    app = FastAPI(
        title="Vitrail",
        version=vitrail.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    review = Review(parts.reception, parts.jobs, parts.clock)
    lab = any(mandate.mode is Mode.LAB for mandate in parts.mandates)
    administer = Administer(parts.accounts, parts.reception, parts.ledger, parts.suspensions, parts.rights)
    investigate = Investigate(parts.reception, parts.casework, parts.bundles, parts.sharing, parts.jobs)
    replay = Replay(parts.reception, parts.casework, parts.board, parts.site, parts.clock)
    shifts = Handover(parts.reception, parts.site, parts.suspensions.every, parts.clock.now_us)
    alarms = Alarms(administer.suspended, administer.broken, administer.overdue, shifts.late)
    frame = Frame(Place(parts.site, lab, parts.profile, parts.clock), review, alarms)
    search_, keeps = Search(parts.reception, parts.board), Upkeep(parts.reception)
    prepares = SetUp(parts.reception, parts.drafting, parts.rehearsing, parts.jobs, parts.site, parts.clock)
    survey = Survey(parts.reception, parts.site, parts.clock.now_us)
    app.state.rooms = Rooms(
        parts,
        review,
        administer,
        investigate,
        search_,
        replay,
        frame,
        keeps,
        prepares,
        survey,
        shifts,
        Adding(parts.joining),
    )
    pages = (
        sign_in,
        watch,
        site_map,
        handover,
        alerts,
        recording,
        changed,
        upkeep,
        setup_add,
        setup,
        setup_try,
        stop,
        house,
        search,
        cases,
        rights,
        followup,
        figures,
        guidance,
    )
    for page in pages:
        app.include_router(page.router, include_in_schema=False)
    for router in INSIDE:
        app.include_router(router, include_in_schema=False)
    app.include_router(api.router)
    app.include_router(changed.programs)
    app.include_router(site_map.programs)
    app.include_router(handover.programs)
    app.include_router(setup_add.programs)
    app.include_router(api_upkeep.router)
    app.include_router(api_search.router)
    app.include_router(api_replay.router)
    app.include_router(api_bundles.router)
    static = Path(str(resources.files(__package__))) / "static"
    app.mount("/static", StaticFiles(directory=static), name="static")
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(parts.hosts))
    app.add_middleware(Limits)
    status.install(app, frame)

    @app.middleware("http")
    async def _headers(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await go_on(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        if request.url.scheme == "https":
            response.headers.setdefault("Strict-Transport-Security", _ONLY_TLS)
        if not request.url.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return app


def serve(
    parts: ConsoleParts, host: str, port: int, tls: Tls | None, listens: Callable[[], None], stops: Callable[[], None]
) -> None:
    """Blocks until told to stop (SIGINT or SIGTERM). ``listens`` is called once browsers are answered; ``stops`` ends
    what never ends by itself, live pictures and event streams. What goes on all the same is cut after 2 s."""
    app = build_app(parts)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level=os.environ.get("VITRAIL_LOG", "warning"),
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=str(tls.key) if tls else None,
    )
    server = _Server(config, listens, stops)
    try:
        anyio.run(server.run_with_threads)
    finally:
        app.state.rooms.replay.close()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, listens: Callable[[], None], stops: Callable[[], None]) -> None:
        super().__init__(config)
        self._listens = listens
        self._stops = stops

    async def run_with_threads(self) -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = _WAITING_THREADS
        await self.serve()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listens()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stops()
        await super().shutdown(sockets)
