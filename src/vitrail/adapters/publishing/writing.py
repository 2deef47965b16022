"""A folder that any web server can serve: written beside and swapped in whole, so that nobody reads half a register."""

__all__ = ["LANGUAGES", "publish"]

import json
import shutil
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from vitrail.adapters.publishing.exports import EXPORTS
from vitrail.domain.errors import Conflict, Unavailable
from vitrail.domain.register import CameraEntry, Register

LANGUAGES = ("en", "fr")
_FRENCH = {
    "presence": "quelqu’un dans un lieu fermé",
    "dwell": "quelqu’un qui reste longtemps à un endroit",
    "line": "une ligne franchie, ou à contresens",
    "occupancy": "combien de personnes se trouvent à un endroit",
    "left_object": "une chose apportée et laissée seule",
    "removed_object": "une chose qui était là depuis longtemps, emportée",
}
_MARK = ".vitrail-register"
"""Only a folder that carries this is ever replaced."""


def publish(register: Register, folder: Path) -> list[Path]:
    """Write the register into ``folder``, in the place of an older one. Raises ``Conflict`` when something else lies
    there, ``Unavailable`` when it cannot be written. Paths of what was written."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        raise Conflict(f"{folder} holds something else", where=str(folder), remedy="name an empty or a new folder")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".register-", dir=folder.parent) as place:
            made = Path(place) / "made"
            made.mkdir(mode=0o755)
            _write(register, made)
            if folder.exists():
                folder.replace(Path(place) / "old")
            made.replace(folder)
    except OSError as error:
        raise Unavailable(
            f"the register cannot be written: {error.strerror}", where=str(folder), remedy="check the folder"
        ) from error
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _MARK)


def _write(register: Register, folder: Path) -> None:
    (folder / _MARK).write_text(register.configuration + "\n", encoding="utf-8")
    for name, export in EXPORTS.items():
        text = json.dumps(export(register), ensure_ascii=False, indent=1)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    pages = _pages()
    for language in LANGUAGES:
        (folder / f"index.{language}.html").write_text(pages("register.html", register, language, None), "utf-8")
        for camera in register.cameras:
            sign = pages("sign.html", register, language, camera)
            (folder / f"sign-{camera.id}.{language}.html").write_text(sign, "utf-8")
    shutil.copy(folder / f"index.{LANGUAGES[0]}.html", folder / "index.html")


def _called(register: Register, language: str) -> Callable[[str], str]:
    """What an analytic does, in words of the page's language where we have them."""
    titles = {str(a["id"]): str(a["title"]) for a in register.analytics}
    return lambda name: (_FRENCH if language == "fr" else titles).get(name) or titles.get(name, name)


def _declared(register: Register) -> dict[str, object]:
    """For each kind of event: how many false alarms a day its analytic declares at most, where it declares any."""
    declared = ((one["tells"], one["false_alarms_declared_a_day"]) for one in register.analytics)
    return {kind: most for kinds, most in declared if most and isinstance(kinds, list) for kind in kinds}


def _pages() -> Callable[[str, Register, str, CameraEntry | None], str]:
    templates = Environment(
        loader=FileSystemLoader(Path(str(resources.files(__package__))) / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def page(name: str, register: Register, language: str, camera: CameraEntry | None) -> str:
        code = segno.make(register.url or "about:blank", error="m")
        return templates.get_template(name).render(
            register=register,
            language=language,
            other="fr" if language == "en" else "en",
            t=lambda en, fr: fr if language == "fr" else en,
            camera=camera,
            exports=list(EXPORTS),
            called=_called(register, language),
            declared=_declared(register),
            qr=code.svg_inline(scale=6, border=1, dark="#111") if register.url else "",
        )

    return page
