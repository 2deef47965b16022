"""A camera on its way into a site: what answers on the network, what it offers, and what somebody wants written."""

__all__ = ["ID", "FoundDevice", "Joined", "Login", "NewCamera", "OfferedStream", "Reached", "plain", "written"]

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from vitrail.domain.errors import Invalid, Problem
from vitrail.domain.frames import Picture
from vitrail.domain.streams import Camera, MapPosition

ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")
_SCHEMES = ("rtsp", "rtsps")


@dataclass(frozen=True, slots=True)
class Login:
    """What a camera asks for. Never logged, never shown again, never in `site.yaml`."""

    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.user or self.password)


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something on the own network that says it is a camera. ``address``: where it is asked for its streams, always on
    the host that answered. ``name`` and ``hardware`` are its own words."""

    address: str
    host: str
    name: str = ""
    hardware: str = ""


@dataclass(frozen=True, slots=True)
class OfferedStream:
    """One profile of a camera: where its pictures come from (no user, no password), and how it says they are encoded;
    sizes 0 where it does not say."""

    name: str
    address: str
    codec: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """What a stream is, learnt without showing anything; ``picture`` only where one was asked for."""

    codec: str
    width: int
    height: int
    frames_per_s: float
    picture: Picture | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewCamera:
    """``address`` of the stream that is recorded, and watched where there is no smaller one (``sub_address``). Neither
    holds a user or password: ``login`` does. ``nothing_to_hide``: somebody looked for insides and entrances of
    dwellings and found none; otherwise the whole picture stays black until somebody draws (law.md L17)."""

    id: str
    name: str
    address: str
    sub_address: str = ""
    login: Login = field(default_factory=Login)
    position: MapPosition | None = None
    nothing_to_hide: bool = False

    def __post_init__(self) -> None:
        if not ID.match(self.id):
            remedy = "small letters, digits, `-` and `_`, at most 40, beginning with a letter or digit"
            raise Invalid(f"`{self.id}` is no id of a camera", where="id", remedy=remedy)
        if not 1 <= len(self.name.strip()) <= 200:
            raise Invalid("a camera has a name of 1 to 200 letters", where="name", remedy="say what screens call it")
        plain(self.address, "address")
        if self.sub_address:
            plain(self.sub_address, "sub_address")

    def secrets(self) -> dict[str, str]:
        """What the environment holds for it, by name."""
        stem = f"CAM_{self.id.upper().replace('-', '_')}"
        given = {f"{stem}_USER": self.login.user, f"{stem}_PASSWORD": self.login.password}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True, eq=False)
class Joined:
    """What `site.yaml` would become: the lines that are added, what `vitrail check` would say, and the camera as it
    would be read, where nothing is wrong. ``base``: SHA-256 of the file that this was made from."""

    base: str
    changes: str
    problems: tuple[Problem, ...]
    camera: Camera | None


def plain(address: str, where: str = "address") -> str:
    """The address as it is, when it is a camera's and tells no secret. Raises ``Invalid``; never quotes a password."""
    try:
        parts = urlsplit(address.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Invalid("this is no address", where=where, remedy="write rtsp://HOST:PORT/PATH") from None
    if parts.scheme.lower() not in _SCHEMES or not host:
        what = f"scheme `{parts.scheme}` is not taken here" if parts.scheme else "this is no address of a camera"
        raise Invalid(what, where=where, remedy="write rtsp://HOST:PORT/PATH, or rtsps:// where the camera speaks TLS")
    if "@" in parts.netloc:
        raise Invalid("the address holds a user or password", where=where, remedy="write them into their own fields")
    if any(ord(letter) <= 32 for letter in address.strip()):
        raise Invalid("the address holds a space or a line break", where=where, remedy="write rtsp://HOST:PORT/PATH")
    return address.strip()


def written(address: str, secrets: dict[str, str]) -> str:
    """As it stands in `site.yaml`: the names of its secrets in the place of what they hold."""
    names = ":".join(f"${{{name}}}" for name in secrets)
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{names}@{rest}" if names else address
