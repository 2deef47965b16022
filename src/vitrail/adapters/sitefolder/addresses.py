"""Stream addresses: secrets by name from the environment, and a label that never shows them."""

__all__ = ["Address", "BadAddress", "read_address"]

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

_PLACE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"^[A-Z_][A-Z0-9_]*$")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
SCHEMES = frozenset({"rtsp", "rtsps"})


@dataclass(frozen=True, slots=True)
class Address:
    """``text`` may hold secrets; ``label`` does not."""

    text: str
    label: str


class BadAddress(ValueError):
    """``args`` are what is wrong and what would be right."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy


def read_address(written: str, folder: Path, environ: Mapping[str, str]) -> Address:
    """``written`` with its ``${NAME}`` filled in; files are taken relative to ``folder``.

    A secret that stands for user or password is percent-encoded, so that ``p@ss/word`` needs no care.
    Raises ``BadAddress``.
    """
    _refuse_written_password(written)
    _refuse_missing(written, environ)
    head, at, tail = written.rpartition("@") if _SCHEME.match(written) else ("", "", written)
    text = _fill(head, environ, quoted=True) + at + _fill(tail, environ, quoted=False)
    if not _SCHEME.match(text):
        return Address(str((folder / text).resolve()), Path(text).name)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        # Not chained: the parser's own words may quote a piece of a password.
        raise BadAddress("is no address", "write rtsp://HOST:PORT/PATH") from None
    if parts.scheme.lower() not in SCHEMES:
        raise BadAddress(f"scheme `{parts.scheme}` is not read", "use rtsp://, rtsps:// or a file")
    if not host:
        raise BadAddress("names no host", "write rtsp://HOST:PORT/PATH")
    shown = f"[{host}]" if ":" in host else host
    path = "" if "${" in tail else parts.path
    return Address(text, f"{parts.scheme}://{shown}{f':{port}' if port else ''}{path}")


def _refuse_missing(written: str, environ: Mapping[str, str]) -> None:
    names = list(dict.fromkeys(_PLACE.findall(written)))
    for name in names:
        if not _NAME.match(name):
            raise BadAddress(f"`${{{name}}}` names no environment variable", "use capitals, digits and `_`")
    missing = [name for name in names if not environ.get(name)]
    if missing:
        exports = "; ".join(f"export {name}=..." for name in missing)
        raise BadAddress(f"not set in the environment: {', '.join(missing)}", exports)
    if "${" in _PLACE.sub("", written):
        raise BadAddress("a `${` is not closed", "write ${NAME}")


def _refuse_written_password(written: str) -> None:
    match = _SCHEME.match(written)
    authority = re.split(r"[/?#]", written[match.end() :], maxsplit=1)[0] if match else ""
    user_info = authority.rpartition("@")[0]
    password = user_info.partition(":")[2]
    if password and _PLACE.sub("", password):
        raise BadAddress("a password is written out", "put it into the environment and write ${NAME} in its place")


def _fill(text: str, environ: Mapping[str, str], *, quoted: bool) -> str:
    scheme = _SCHEME.match(text)
    kept = scheme.end() if scheme and quoted else 0

    def value(match: re.Match[str]) -> str:
        found = environ[match.group(1)]
        return quote(found, safe="") if quoted else found

    return text[:kept] + _PLACE.sub(value, text[kept:])
