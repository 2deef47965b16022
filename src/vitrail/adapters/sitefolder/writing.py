"""Writing site folders: the commented one of `vitrail init`, and the demonstration's."""

__all__ = ["Answers", "demo_site", "write_site"]

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Literal

from vitrail.adapters.sitefolder.addresses import SCHEMES
from vitrail.adapters.sitefolder.folder import STATE_FOLDER
from vitrail.adapters.sitefolder.schema import mandate_schema, site_schema
from vitrail.domain.errors import Conflict
from vitrail.domain.time import SECOND_US

_PLACE = re.compile(r"\{\{([a-z_]+)\}\}")
_DEMO_SECRET = "VITRAIL_DEMO_ADDRESS"  # noqa: S105 - the name of a variable, not a secret


@dataclass(frozen=True, slots=True)
class Answers:
    """What only the user knows. What is left empty is written empty, and `vitrail check` asks for it."""

    name: str = "My site"
    zone: str = "Europe/Paris"
    profile: str = "lab"
    address: str = "rtsp://${CAM_USER}:${CAM_PASSWORD}@192.0.2.10:554/stream1"
    reviewed_by: str = ""
    controller: str = ""
    legal_basis: str = "Trial on recordings we own; nothing seen here may be acted upon."
    body: str = ""
    number: str = ""
    url: str = ""
    supplier: str = ""
    cost: str = ""


def write_site(folder: Path, now_us: int, answers: Answers | None = None) -> list[Path]:
    """A commented site folder; the files written. Raises ``Conflict`` where there is one already."""
    if (folder / "site.yaml").exists():
        raise Conflict(f"{folder} is a site folder already", remedy="choose another folder")
    answers = answers or Answers()
    decision = _template("decision.md", {})
    places = {name: json.dumps(getattr(answers, name), ensure_ascii=False) for name in answers.__slots__}
    places |= _days(now_us) | {"digest": _digest(decision), "site_id": "site"}
    return [
        _write(folder / "site.yaml", _template("site.yaml", places)),
        _write(folder / "mandates" / "trial.yaml", _template("mandate.yaml", places)),
        _write(folder / "mandates" / "trial-decision.md", decision),
        _write(folder / "schema" / "site.schema.json", site_schema()),
        _write(folder / "schema" / "mandate.schema.json", mandate_schema()),
        _write(folder / ".gitignore", _template("gitignore.txt", {"state": STATE_FOLDER})),
    ]


def demo_site(
    folder: Path, video: str, now_us: int, scene: Literal["campus", "any"], zone: str = "UTC"
) -> Mapping[str, str]:
    """The demonstration's site folder, written anew each time: lab mandate, one camera ``campus`` on ``video``.

    ``scene`` chooses what is drawn: on the campus recording, or the whole picture of anything. Returns what must be
    added to the environment when the folder is read: an address may hold a password, which is never written down.
    """
    live = "://" in video and video.split("://", 1)[0].lower() in SCHEMES
    address = f"${{{_DEMO_SECRET}}}" if live else str(Path(video).resolve())
    label = "Your camera" if live else Path(video).name
    decision = _template("demo-decision.md", {})
    texts = {"zone": zone, "address": address, "label": label}
    places = {name: json.dumps(text, ensure_ascii=False) for name, text in texts.items()}
    places |= _days(now_us) | {"digest": _digest(decision), "loop": "false" if live else "true"}
    mandate = _template("demo-mandate.yaml", places)
    if scene == "any":
        mandate = "".join(row for row in mandate.splitlines(True) if not re.search("analytic: (presence|line),", row))
    _write(folder / "site.yaml", _template(f"demo-{scene}.yaml", places))
    _write(folder / "mandates" / "demo.yaml", mandate)
    _write(folder / "mandates" / "demo-decision.md", decision)
    return {_DEMO_SECRET: video} if live else {}


def _days(now_us: int) -> dict[str, str]:
    """From yesterday, so that no time zone is still before the start, for a year."""
    today = datetime.fromtimestamp(now_us / SECOND_US, UTC).date()
    start, end = today - timedelta(days=1), today + timedelta(days=365)
    days: dict[str, date] = {
        "reviewed_on": today,
        "decided_on": start,
        "start": start,
        "end": end,
        "review": today + timedelta(days=90),
    }
    return {name: day.isoformat() for name, day in days.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _template(name: str, places: Mapping[str, str]) -> str:
    text = (resources.files(__package__) / "templates" / name).read_text(encoding="utf-8")
    return _PLACE.sub(lambda match: places[match.group(1)], text)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
