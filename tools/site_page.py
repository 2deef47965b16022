"""The page on the site folder and the JSON Schemas, from the shapes that read it; the page on legal profiles."""

__all__ = ["pages"]

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from vitrail.adapters.sitefolder import mandate_schema, profile_ids, read_profile, site_schema
from vitrail.adapters.sitefolder.mandate_shape import MandateShape
from vitrail.adapters.sitefolder.site_shape import SiteShape
from vitrail.adapters.sitefolder.words import Shape
from vitrail.domain.mandates import OBJECTIVES, LegalProfile, Rule
from vitrail.domain.time import DAY_US, iso

_NOTE = "<!-- Made by `make docs` from the code that reads it; change it there. -->\n"

_OPENING = """\
A site folder is one place's whole configuration. A city keeps it in git. `vitrail init FOLDER` writes a commented one,
`vitrail check --site FOLDER` says everything that is wrong with it at once.

```
site.yaml          the cameras and what is drawn on their pictures
mandates/*.yaml    the lawful instruments, each beside the decision it rests on
.vitrail/          database, ledger, recordings, keys: never in git
```

- Unknown keys, wildcards, aliases, anchors and tags are refused; so are files past 4 MiB.
- Places on the picture are shares of it: x from the left, y from the top, 0 to 1.
- Ids are small letters, digits, `-` and `_`. A stream's full id is `camera.stream`.
- Secrets come from the environment: `${NAME}` in an address; those of cameras added in the browser from a file below
  `.vitrail`, after the environment. A secret that stands for a user or a password is
  percent-encoded by us, so it may hold any character. A password written into the file is refused.
- Dates without an hour mean their first moment, in the site's time zone. A mandate covers `start` and not `end`.
- Editors complete and check the files with [site.schema.json](schema/site.schema.json) and
  [mandate.schema.json](schema/mandate.schema.json).
"""

_PROFILES_OPENING = """\
What a country's rules say of each kind of event, as data with sources. Unknown is forbidden outside `lab`. This is
input for engineers, not legal advice; a profile that nobody verified in time turns alerts off.
"""


def pages() -> dict[str, str]:
    return {
        "site.md": _site(),
        "profiles.md": _profiles(),
        "schema/site.schema.json": site_schema(),
        "schema/mandate.schema.json": mandate_schema(),
    }


def _site() -> str:
    lines = [_NOTE, "# The site folder", "", _OPENING, "## site.yaml", "", *_table(SiteShape, "")]
    lines += ["", "## mandates/*.yaml", "", *_table(MandateShape, ""), "", "## Objectives", ""]
    lines += ["A purpose is one of these (L03); functions of software and vague words are refused.", ""]
    lines += ["| objective | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in OBJECTIVES.items()]
    return "\n".join(lines) + "\n"


def _table(shape: type[Shape], above: str) -> list[str]:
    rows = ["| key | | meaning |", "|---|---|---|"]
    rows += [f"| `{path}` | {kind} | {meaning} |" for path, kind, meaning in _rows(shape, above)]
    return rows


def _rows(shape: type[Shape], above: str) -> Iterator[tuple[str, str, str]]:
    """Every key below ``shape``, depth first."""
    for name, info in shape.model_fields.items():
        path = f"{above}{info.alias or name}"
        inner, listed = _inner(info)
        yield path, _kind(info), (info.description or "").replace("|", "\\|")
        if inner:
            yield from _rows(inner, f"{path}[]." if listed else f"{path}.")


def _kind(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    default = info.default
    if info.default_factory is not None or default in (None, [], {}):
        return "optional"
    shown = {True: "true", False: "false"}.get(default) if isinstance(default, bool) else str(default).replace("'", "")
    return f"default {shown}"


def _inner(info: FieldInfo) -> tuple[type[Shape] | None, bool]:
    """The shape that a key holds, and whether it holds a list of them."""

    def search(annotation: object, listed: bool) -> tuple[type[Shape] | None, bool]:
        if isinstance(annotation, type) and issubclass(annotation, Shape):
            return annotation, listed
        for argument in getattr(annotation, "__args__", ()):
            found, inside = search(argument, listed or getattr(annotation, "__origin__", None) is list)
            if found:
                return found, inside
        return None, listed

    return search(info.annotation, False)


def _profiles() -> str:
    lines = [_NOTE, "# Legal profiles", "", _PROFILES_OPENING]
    for profile in map(read_profile, profile_ids()):
        lines += _profile(profile)
    return "\n".join(lines).rstrip() + "\n"


def _profile(profile: LegalProfile) -> list[str]:
    lines = [f"## {profile.id}: {profile.name}", "", f"> {profile.banner['en']}", ">", f"> {profile.banner['fr']}", ""]
    lines.append(f"- Modes: {', '.join(sorted(mode.value for mode in profile.modes))}.")
    lines.append(f"- Recordings live at most {profile.max_retention_us // DAY_US} days.")
    if profile.max_mandate_us:
        lines.append(f"- A mandate runs at most {profile.max_mandate_us // DAY_US} days, outside `lab`.")
    stale_days = profile.stale_after_us // DAY_US
    lines += [f"- Verified {iso(profile.last_verified_us)[:10]}, stale after {stale_days} days.", ""]
    lines += ["| kinds | standing | source | note |", "|---|---|---|---|"]
    alike: dict[Rule, list[str]] = {}
    for kind, rule in sorted(profile.kinds.items()):
        alike.setdefault(rule, []).append(f"`{kind}`")
    lines += [f"| {', '.join(kinds)} | {r.standing.value} | {r.source} | {r.note} |" for r, kinds in alike.items()]
    return [*lines, ""]
