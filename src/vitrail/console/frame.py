"""What every page shares: templates, language, theme, banner, menu."""

__all__ = ["Alarms", "Frame", "Place"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

import vitrail
from vitrail.console.first_steps import STEPS, Step
from vitrail.console.glossary import explained
from vitrail.console.language import LANGUAGES, Words, choose, words_for
from vitrail.console.menu import Group, home_of, menu_of
from vitrail.console.naming import DRAWN, MEASURES, NAMES, ago, span
from vitrail.console.troubles import trouble
from vitrail.domain.events import Alert, AlertState
from vitrail.domain.mandates import LegalProfile
from vitrail.domain.people import Account, Use
from vitrail.domain.shifts import Lateness, late
from vitrail.domain.streams import Site
from vitrail.domain.suspensions import Suspension
from vitrail.domain.time import SECOND_US, iso
from vitrail.guard.profile_status import is_stale, profile_status
from vitrail.ports.clock import Clock
from vitrail.services.review import Person, Review

THEMES = ("auto", "dark", "light")


@dataclass(frozen=True, slots=True)
class Place:
    """What banners say of this installation."""

    site: Site
    lab: bool
    profile: LegalProfile
    clock: Clock


@dataclass(frozen=True, slots=True)
class Alarms:
    """What every page says before anything else, asked anew for each."""

    suspended: Callable[[], tuple[Suspension, ...]]
    broken: Callable[[], Sequence[Account]]
    overdue: Callable[[], int]
    late: Callable[[Account, str], Lateness | None]


class Frame:
    """Renders pages. Templates escape everything; an undefined name is an error, not an empty string."""

    def __init__(self, place: Place, review: Review, alarms: Alarms) -> None:
        self._place = place
        self._alarms = alarms
        self._review = review
        self._templates = Environment(
            loader=FileSystemLoader(Path(str(resources.files(__package__))) / "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def words(self, request: Request) -> Words:
        person: Person | None = getattr(request.state, "person", None)
        otherwise = person.account.language if person else self._place.site.languages[0]
        return words_for(choose(request.cookies.get("language"), request.headers.get("accept-language", ""), otherwise))

    def page(
        self, request: Request, template: str, values: Mapping[str, Any] | None = None, status: int = 200
    ) -> HTMLResponse:
        words = self.words(request)
        person: Person | None = getattr(request.state, "person", None)
        theme = request.cookies.get("theme", "auto")
        given: dict[str, Any] = {
            "_": words._,
            "said": words.said,
            "words": words,
            "language": words.language,
            "languages": LANGUAGES,
            "theme": theme if theme in THEMES else "auto",
            "themes": THEMES,
            "site": self._place.site,
            "zone": self._place.site.zone,
            "lab": self._place.lab,
            "suspended": self._alarms.suspended(),
            "broken": self._alarms.broken(),
            "overdue": self._alarms.overdue() if person and self._review.may(person, Use.ACCOUNT) else 0,
            "late": self._alarms.late(person.account, person.session.reason) if person and _is_page(request) else None,
            "until_s": lambda at_us: max(0, -(-(at_us - self._place.clock.now_us()) // SECOND_US)),
            "is_late": lambda alert: late(alert, self._place.site.escalation, self._place.clock.now_us()),
            "banner": self._place.profile.banner.get(words.language, ""),
            "stale": is_stale(self._place.profile, self._place.clock.now_us()),
            "profile_status": profile_status(self._place.profile, self._place.clock.now_us()).get(words.language, ""),
            "person": person,
            "csrf": person.session.csrf if person else "",
            "menu": self.menu(person),
            "path": request.url.path,
            "steps_once": self._steps_once(request, person),
            "version": vitrail.__version__,
            "where_of": self._where_of,
            "names": NAMES,
            "measures": MEASURES,
            "drawn": DRAWN,
            "open_state": AlertState.OPEN,
            "iso": iso,
            "trouble": lambda problem: trouble(words, problem),
            "span": lambda seconds: span(words, seconds),
            "ago": lambda at_us: ago(words, (self._place.clock.now_us() - at_us) / SECOND_US),
        }
        html = self._templates.get_template(template).render(given | dict(values or {}))
        return HTMLResponse(explained(html, words) if _is_page(request) else html, status_code=status)

    def menu(self, person: Person | None) -> tuple[Group, ...]:
        return () if person is None else menu_of(person.account.role, partial(self._review.may, person))

    def _steps_once(self, request: Request, person: Person | None) -> tuple[Step, ...]:
        """On the page where a role's work begins, until the person puts them away."""
        if person is None or person.account.welcomed_us is not None or request.url.path != self.home(person):
            return ()
        return STEPS[person.account.role]

    def home(self, person: Person) -> str:
        """The page that somebody comes to who asked for none."""
        return home_of(person.account.role, partial(self._review.may, person))

    def _where_of(self, alert: Alert) -> str:
        """Camera, and what is drawn there by the name that people gave it."""
        microphone = self._place.site.microphone(alert.place.microphone_id or "")
        if microphone is not None:
            return microphone.name
        camera = self._place.site.camera(alert.place.camera_id)
        if camera is None:
            return alert.place.device_id
        place = alert.place
        drawn = (
            *(zone.name for zone in camera.zones if zone.id == place.zone_id),
            *(line.name for line in camera.lines if line.id == place.line_id),
            *(surface.name for surface in camera.surfaces if surface.id == place.surface_id),
            *(asset.name for asset in camera.assets if asset.id == place.asset_id),
        )
        inside = drawn[0] if drawn else ""
        return f"{camera.name} · {inside}" if inside else camera.name


def _is_page(request: Request) -> bool:
    """Parts of pages have no banner."""
    return "x-part" not in request.headers
