"""Small, lawful values to start a test from; every field can be overridden by name.

``NOW_US`` is Monday 23 November 2026, 12:00 UTC. The default world is one camera ``gate`` with one stream
``gate-main``, under the mandate ``try-out`` in ``lab`` mode, in force from a day before to thirty days after.
"""

__all__ = [
    "NOW_US",
    "account",
    "alert",
    "analytic",
    "bundle",
    "camera",
    "case",
    "decree",
    "event",
    "grant",
    "hold",
    "mandate",
    "notice",
    "permit",
    "profile",
    "purpose",
    "reading",
    "request",
    "segment",
    "setting",
    "site",
    "square",
    "step",
    "stream",
    "unmasking",
    "zone",
]

from datetime import UTC, datetime
from typing import Any

import numpy as np

from vitrail.domain.analytics import AnalyticManifest, Maturity
from vitrail.domain.bundles import Bundle, Part, View
from vitrail.domain.cases import Case, CaseKind, Hold, Unmasking
from vitrail.domain.errors import Refused
from vitrail.domain.events import Alert, AlertState, Event, Measure, Phase, Place, Reading
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import (
    Alternative,
    Argument,
    Decree,
    LegalProfile,
    Mandate,
    Mode,
    Permit,
    Purpose,
    Rule,
    Standing,
)
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.people import Account, Grant, Role, Use
from vitrail.domain.recordings import Segment
from vitrail.domain.rights import Request, RequestKind
from vitrail.domain.sightings import FORM_BYTES, Form, Sighting, Subject, Tint
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Site, Stream, Zone
from vitrail.domain.tickets import Ticket
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Hours, Interval
from vitrail.domain.upkeep import Said, Step
from vitrail.guard import admit, decide

NOW_US = round(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()) * SECOND_US


def square(x0: float = 0.25, y0: float = 0.25, x1: float = 0.75, y1: float = 0.75) -> Polygon:
    return Polygon(((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def stream(**changes: Any) -> Stream:
    given: dict[str, Any] = {
        "id": "gate-main",
        "camera_id": "gate",
        "address": "recording.mp4",
        "label": "recording.mp4",
        "roles": frozenset({"detect", "record"}),
    }
    return Stream(**(given | changes))


def zone(**changes: Any) -> Zone:
    return Zone(**({"id": "yard", "name": "The yard", "polygon": square()} | changes))


def setting(**changes: Any) -> AnalyticSetting:
    return AnalyticSetting(**({"analytic_id": "presence", "purpose": "closed-yard", "zones": ("yard",)} | changes))


def camera(**changes: Any) -> Camera:
    given: dict[str, Any] = {
        "id": "gate",
        "name": "The gate",
        "streams": (stream(),),
        "dwellings": DwellingMasks(reviewed_by="A. Officer", reviewed_on="2026-11-01"),
        "zones": (zone(),),
        "analytics": (setting(),),
    }
    return Camera(**(given | changes))


def site(**changes: Any) -> Site:
    given: dict[str, Any] = {
        "id": "yard",
        "name": "The yard",
        "zone": "Europe/Paris",
        "languages": ("en", "fr"),
        "profile_id": "fr",
        "cameras": (camera(),),
    }
    return Site(**(given | changes))


def decree(**changes: Any) -> Decree:
    given: dict[str, Any] = {
        "body": "Council of Somewhere",
        "number": "2026-17",
        "date": "2026-11-02",
        "url": "https://somewhere.example/decisions/2026-17",
        "document": "2026-17.txt",
        "sha256": "ab" * 32,
    }
    return Decree(**(given | changes))


def purpose(**changes: Any) -> Purpose:
    given: dict[str, Any] = {
        "id": "closed-yard",
        "objective": "safety_of_closed_places",
        "harm": "people are hurt by the machines in the yard at night",
        "success": "no injury in the yard during a year",
        "review_us": NOW_US + 300 * DAY_US,
    }
    return Purpose(**(given | changes))


def argument(**changes: Any) -> Argument:
    given: dict[str, Any] = {
        "analytic_id": "presence",
        "necessity": "nobody is in the yard at night to see an accident",
        "alternatives": (Alternative("a higher fence", False, "built in 2025, and climbed over twice since"),),
        "expected_rate": "two alerts a night, one of them right",
        "failure_modes": ("foxes, and headlights on wet ground",),
    }
    return Argument(**(given | changes))


def mandate(**changes: Any) -> Mandate:
    given: dict[str, Any] = {
        "id": "try-out",
        "title": "Try-out on our own recording",
        "mode": Mode.LAB,
        "controller": "Council of Somewhere",
        "legal_basis": "own recording",
        "decision": decree(),
        "supplier": "nobody",
        "cost": "0 EUR",
        "valid": Interval(NOW_US - DAY_US, NOW_US + 30 * DAY_US),
        "hours": Hours.always(),
        "retention_us": 72 * HOUR_US,
        "purposes": (purpose(),),
        "matrix": frozenset({("gate", "presence", "closed-yard")}),
        "recording": frozenset({"gate"}),
        "digest": "cd" * 32,
        "arguments": (argument(),),
    }
    return Mandate(**(given | changes))


def profile(**changes: Any) -> LegalProfile:
    given: dict[str, Any] = {
        "id": "fr",
        "name": "France",
        "modes": frozenset({Mode.LAB, Mode.STATISTICS, Mode.ALERT}),
        "kinds": {"presence": Rule(Standing.ALLOWED, "a law, article 1")},
        "last_verified_us": NOW_US - DAY_US,
        "stale_after_us": 180 * DAY_US,
        "max_retention_us": 30 * DAY_US,
        "banner": {"en": "for tests", "fr": "pour les essais"},
    }
    return LegalProfile(**(given | changes))


def analytic(**changes: Any) -> AnalyticManifest:
    given: dict[str, Any] = {
        "id": "presence",
        "version": "1.0.0",
        "title": "Somebody is in a closed place",
        "inputs": frozenset({"tracks"}),
        "kinds": frozenset({"presence"}),
        "readings": frozenset({"people"}),
        "category": "detection of things and places",
        "purposes": frozenset({"safety_of_closed_places"}),
        "parameters": (),
        "models": (),
        "maturity": Maturity.TRIAL,
        "must_not": "be used to follow somebody",
        "limits": ("tests only",),
    }
    return AnalyticManifest(**(given | changes))


def notice(**changes: Any) -> Notice:
    """A request about the bench at the gate that the city refused."""
    given: dict[str, Any] = {
        "id": "alert-1.city",
        "mandate_id": "try-out",
        "alert_id": "alert-1",
        "place": Place("gate", asset_id="bench"),
        "recipient_id": "city",
        "ticket": Ticket("alert-1", "311", "damage to The bench", "The gate", "2026-11-23T12:00:00Z", None, None),
        "state": NoticeState.FAILED,
        "created_us": NOW_US,
        "next_us": NOW_US,
        "erase_after_us": NOW_US + 1000 * DAY_US,
    }
    return Notice(**(given | changes))


def step(**changes: Any) -> Step:
    given: dict[str, Any] = {
        "place": Place("gate", asset_id="bench"),
        "said": Said.ALERT,
        "by": "vitrail",
        "at_us": NOW_US,
        "mandate_id": "try-out",
        "erase_after_us": NOW_US + 1000 * DAY_US,
        "alert_id": "alert-1",
    }
    return Step(**(given | changes))


def event(**changes: Any) -> Event:
    given: dict[str, Any] = {
        "key": "presence:1",
        "phase": Phase.OPENED,
        "kind": "presence",
        "analytic": "presence",
        "version": "1.0.0",
        "stream_id": "gate-main",
        "place": Place("gate", zone_id="yard"),
        "interval": Interval(NOW_US - 2 * SECOND_US, NOW_US),
        "score": 0.9,
        "measures": (Measure("seconds inside", 2.0, 1.0, "s"),),
    }
    return Event(**(given | changes))


def account(**changes: Any) -> Account:
    given: dict[str, Any] = {
        "id": "marie",
        "name": "Marie Curie",
        "role": Role.OPERATOR,
        "password_hash": "$argon2id$nothing",
        "territory": frozenset({"gate"}),
        "trained_until_us": NOW_US + 300 * DAY_US,
        "created_us": NOW_US - 10 * DAY_US,
    }
    return Account(**(given | changes))


def permit(camera_: Camera | None = None, stream_: Stream | None = None, now_us: int = NOW_US, **law: Any) -> Permit:
    """Cut by the guard itself, under a permissive mandate that names the camera."""
    camera_ = camera_ or camera()
    stream_ = stream_ or camera_.streams[0]
    cells = frozenset((camera_.id, s.analytic_id, s.purpose) for s in camera_.analytics)
    under = mandate(**({"matrix": cells, "recording": frozenset({camera_.id})} | law))
    answer = decide.permit(camera_, stream_, decide.Law((under,), profile(), {"presence": analytic()}), now_us)
    if isinstance(answer, Refused):
        raise answer
    return answer


def grant(
    cameras: frozenset[str] = frozenset({"gate"}), now_us: int = NOW_US, use: Use = Use.REVIEW, **changes: Any
) -> Grant:
    """Given by the guard itself, to an operator of those cameras."""
    place = site(cameras=tuple(camera(id=name) for name in sorted(cameras)))
    who = account(**({"territory": cameras} | changes))
    answer = admit.grant(who, admit.Ask(use, "a test reads"), place, (mandate(),), profile(), now_us)
    if isinstance(answer, Refused):
        raise answer
    return answer


def alert(**changes: Any) -> Alert:
    given: dict[str, Any] = {
        "id": "alert-1",
        "mandate_id": "try-out",
        "kind": "presence",
        "analytic": "presence",
        "version": "1.0.0",
        "stream_id": "gate-main",
        "place": Place("gate", zone_id="yard"),
        "interval": Interval(NOW_US - 2 * SECOND_US, NOW_US),
        "ongoing": True,
        "score": 0.9,
        "measures": (Measure("seconds inside", 2.0, 1.0, "s"),),
        "evidence": Interval(NOW_US - 2 * SECOND_US, NOW_US),
        "state": AlertState.OPEN,
        "created_us": NOW_US,
    }
    return Alert(**(given | changes))


def reading(**changes: Any) -> Reading:
    given: dict[str, Any] = {
        "name": "people",
        "stream_id": "gate-main",
        "place": Place("gate", zone_id="yard"),
        "at_us": NOW_US,
        "value": 3.0,
        "unit": "people",
    }
    return Reading(**(given | changes))


def segment(**changes: Any) -> Segment:
    given: dict[str, Any] = {
        "id": "segment-1",
        "mandate_id": "try-out",
        "camera_id": "gate",
        "stream_id": "gate-main",
        "interval": Interval(NOW_US - 60 * SECOND_US, NOW_US),
        "path": "gate-main/segment-1.mp4",
        "size_bytes": 1000,
        "sha256": "ef" * 32,
        "codec": "h264",
        "width": 64,
        "height": 48,
        "erase_after_us": NOW_US + 72 * HOUR_US,
        "sealed": True,
    }
    return Segment(**(given | changes))


def sighting(**changes: Any) -> Sighting:
    """A white car that stood in the yard for six seconds, ten seconds ago."""
    given: dict[str, Any] = {
        "id": 0,
        "mandate_id": "try-out",
        "subject": Subject.VEHICLE,
        "kind": "car",
        "stream_id": "gate-main",
        "camera_id": "gate",
        "interval": Interval(NOW_US - 10 * SECOND_US, NOW_US - 4 * SECOND_US),
        "score": 0.8,
        "box": (0.2, 0.3, 0.5, 0.6),
        "tints": (Tint("white", 0.6), Tint("grey", 0.3)),
        "zones": ("yard",),
        "path": ((0.35, 0.6), (0.36, 0.6)),
        "standing_s": 6.0,
        "form": form(1),
    }
    return Sighting(**(given | changes))


def form(seed: int) -> Form:
    row = np.random.default_rng(seed).normal(size=FORM_BYTES)
    return Form(np.clip(np.round(row / np.linalg.norm(row) * 300), -127, 127).astype(np.int8).tobytes())


def case(**changes: Any) -> Case:
    """An inquiry into the last hour, of the investigator ``ines`` (and, in lab, of the administrator ``boss``)."""
    given: dict[str, Any] = {
        "id": "case-1",
        "kind": CaseKind.INQUIRY,
        "reference": "PV 2026/17",
        "legal_basis": "requisition of the prosecutor",
        "reason": "a bench was burnt",
        "opened_by": "ines",
        "members": frozenset({"ines", "boss"}),
        "cameras": frozenset({"gate", "gate-2"}),
        "window": Interval(NOW_US - HOUR_US, NOW_US),
        "opened_us": NOW_US - HOUR_US,
        "expires_us": NOW_US + 60 * DAY_US,
    }
    return Case(**(given | changes))


def hold(**changes: Any) -> Hold:
    given: dict[str, Any] = {
        "id": "hold-1",
        "case_id": "case-1",
        "camera_id": "gate",
        "interval": Interval(NOW_US - HOUR_US, NOW_US),
        "reason": "it is needed",
        "issued_by": "ines",
        "issued_us": NOW_US,
        "until_us": NOW_US + 30 * DAY_US,
    }
    return Hold(**(given | changes))


def unmasking(**changes: Any) -> Unmasking:
    """Asked by ``ines``, granted by ``olga``."""
    given: dict[str, Any] = {
        "id": "unmasking-1",
        "case_id": "case-1",
        "camera_id": "gate",
        "interval": Interval(NOW_US - 10 * SECOND_US, NOW_US - 5 * SECOND_US),
        "region": (0.25, 0.25, 0.5, 0.75),
        "asked_by": "ines",
        "reason": "what is thrown?",
        "asked_us": NOW_US - 60 * SECOND_US,
        "expires_us": NOW_US + DAY_US,
        "answered_by": "olga",
        "answer": "needed for the case",
        "answered_us": NOW_US,
        "granted": True,
    }
    return Unmasking(**(given | changes))


def bundle(**changes: Any) -> Bundle:
    """Asked by ``ines``, with originals, granted by ``olga``."""
    given: dict[str, Any] = {
        "id": "bundle-1",
        "case_id": "case-1",
        "parts": (Part("gate", Interval(NOW_US - 60 * SECOND_US, NOW_US)),),
        "view": View.KEYS,
        "originals": True,
        "language": "fr",
        "recipient": "Public prosecutor",
        "asked_by": "ines",
        "reason": "the hearing",
        "asked_us": NOW_US,
        "until_us": NOW_US + 30 * DAY_US,
        "answered_by": "olga",
        "answer": "the court asks",
        "answered_us": NOW_US,
        "granted": True,
    }
    return Bundle(**(given | changes))


def request(**changes: Any) -> Request:
    given: dict[str, Any] = {
        "id": "request-1",
        "kind": RequestKind.ACCESS,
        "received_us": NOW_US,
        "due_us": NOW_US + 30 * DAY_US,
        "words": "I was at the gate at noon",
        "contact": "anna@example.org",
        "entered_by": "olga",
        "camera_id": "gate",
        "interval": Interval(NOW_US - 60 * SECOND_US, NOW_US),
        "erase_after_us": NOW_US + 90 * DAY_US,
    }
    return Request(**(given | changes))
