"""The shape of ``site.yaml``: what each key is for, said once, for the reader, the editor's schema and the docs."""

__all__ = [
    "AnalyticShape",
    "AreaShape",
    "AssetShape",
    "BlindChecksShape",
    "CameraShape",
    "DwellingsShape",
    "EscalationShape",
    "GroundShape",
    "JointModelShape",
    "KnownHeightShape",
    "KnownPointShape",
    "LineShape",
    "MicrophoneShape",
    "SignOnShape",
    "SiteShape",
    "SoundStreamShape",
    "StreamShape",
    "SurfaceShape",
    "ZoneShape",
]

from typing import Annotated, Literal

from pydantic import Field

from vitrail.adapters.sitefolder.words import Corner, Date, Name, Names, Ring, Shape, Text, WeeklyHours, YearlySeason

Number = Annotated[float, Field()]
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]
PictureSize = Annotated[list[Annotated[int, Field(ge=16, le=16384)]], Field(min_length=2, max_length=2)]
RoleName = Literal["operator", "technician", "investigator", "officer", "auditor", "administrator"]


class PositionShape(Shape):
    """Where the camera stands."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north, WGS 84.")
    longitude: float = Field(ge=-180, le=180, description="Degrees east, WGS 84.")
    heading_deg: float | None = Field(
        default=None, ge=0, lt=360, description="Where it looks, degrees clockwise from north."
    )


class StreamShape(Shape):
    """One encoded feed of a camera, or one file."""

    id: Name = Field(description="Unique within the camera; `main` and `sub` are usual.")
    address: Text = Field(
        description="An rtsp:// or rtsps:// address, or a file (relative to the site folder). Secrets come from the "
        "environment by name: `rtsp://${CAM_USER}:${CAM_PASSWORD}@10.0.0.5/stream`. A password written out is refused."
    )
    label: Text | None = Field(
        default=None, description="What screens and logs call it; the address without secrets when left out."
    )
    roles: list[Literal["detect", "record"]] = Field(
        min_length=1,
        description="`detect`: watched by the analytics. `record`: kept, where a mandate allows it. A camera with a "
        "sub-stream is watched on that one and recorded on the main one.",
    )
    loop: bool = Field(default=False, description="Play a file again and again, as if it were a camera (lab).")


class DwellingsShape(Shape):
    """Insides and entrances of dwellings, black before anything looks at or stores the picture (L17)."""

    reviewed_by: Text = Field(description="Who looked at the picture for dwellings, also when there is none.")
    reviewed_on: Date = Field(description="When, YYYY-MM-DD.")
    masks: list[Ring] = Field(
        default=[], description="Polygons burned black; `[]` when the review found nothing to hide."
    )


class AreaShape(Shape):
    """Something drawn as a polygon."""

    id: Name = Field(description="Unique within the camera.")
    name: Text = Field(description="What screens call it.")
    corners: Ring = Field(
        description="Three to 64 corners `[x, y]` as shares of the picture: x from the left, y from the top, 0..1."
    )


class ZoneShape(AreaShape):
    """A polygon on the ground of the picture."""

    area_m2: float | None = Field(
        default=None, gt=0, description="Its real area, for densities; as `ground` tells it when left out."
    )
    max_people: int | None = Field(default=None, gt=0, description="How many people it may hold, for `occupancy`.")


class LineShape(Shape):
    """A directed line. Walking from `from` to `to`, crossing from the left hand to the right hand is *forward*."""

    id: Name = Field(description="Unique within the camera.")
    name: Text = Field(description="What screens call it.")
    from_: Corner = Field(alias="from", description="First end `[x, y]`, shares of the picture.")
    to: Corner = Field(description="Other end `[x, y]`.")


class SurfaceShape(AreaShape):
    """A declared wall, watched for new marks."""


class AssetShape(AreaShape):
    """A declared piece of street furniture."""

    kind: Name = Field(description="What it is: `bench`, `bin`, `sign`, `shelter`...")


class KnownPointShape(Shape):
    """A place on the ground that is seen and known."""

    at: Corner = Field(description="Where it is seen, `[x, y]` as shares of the picture.")
    map: Pair | None = Field(default=None, description="Its `[latitude, longitude]`, WGS 84 degrees, from any map.")
    metres: Pair | None = Field(
        default=None, description="Instead of `map`: its `[x, y]` in metres on a plan of your own."
    )


class KnownHeightShape(Shape):
    """Something upright of known height: a person, a door, a post."""

    foot: Corner = Field(description="Where it stands on the ground, `[x, y]` as shares of the picture.")
    head: Corner = Field(description="Where its top is seen.")
    metres: float = Field(gt=0.2, le=50, description="How tall it is.")


class GroundShape(Shape):
    """What is known of the ground in the picture, from which lengths, speeds and areas in metres follow."""

    picture: PictureSize = Field(description="Width and height of the picture in pixels, such as `[1920, 1080]`.")
    view_deg: float | None = Field(
        default=None, gt=2, lt=160, description="How wide the camera sees, across, when its data sheet says so."
    )
    points: list[KnownPointShape] = Field(
        default=[],
        max_length=64,
        description="Places on the ground, four or more; all with `map` or all with `metres`.",
    )
    heights: list[KnownHeightShape] = Field(
        default=[], max_length=64, description="Upright things of known height, two or more where there are no points."
    )


class AnalyticShape(Shape):
    """One analytic switched on for this camera. It runs only where a mandate names camera, analytic and purpose."""

    analytic: Name = Field(description="Id of the analytic, such as `presence`.")
    purpose: Name = Field(description="Id of a purpose declared in a mandate.")
    zones: Names = Field(default=[], description="Ids of the zones it watches.")
    lines: Names = Field(default=[], description="Ids of the lines it watches.")
    surfaces: Names = Field(default=[], description="Ids of the surfaces it watches.")
    assets: Names = Field(default=[], description="Ids of the assets it watches.")
    except_: Names = Field(
        default=[],
        alias="except",
        description="Zones whose content does not count: a staff door, a delivery bay. By place, never by person.",
    )
    hours: WeeklyHours | None = Field(
        default=None, description="When it runs; always when left out. For several spans, name the analytic again."
    )
    season: YearlySeason | None = Field(
        default=None, description="Days of the year on which it runs; all when left out."
    )
    parameters: dict[str, Number] = Field(
        default={}, description="Its numbers; the analytic's page lists names, units, defaults and ranges."
    )


class CameraShape(Shape):
    """One fixed camera."""

    id: Name = Field(description="Unique within the site: small letters, digits, `-` and `_`.")
    name: Text = Field(description="What screens call it.")
    streams: list[StreamShape] = Field(min_length=1, description="Its feeds; at most one for each role.")
    dwellings: DwellingsShape = Field(description="The review of dwellings in the picture; required, also when empty.")
    position: PositionShape | None = Field(default=None, description="Where it stands, for the map.")
    ground: GroundShape | None = Field(
        default=None,
        description="What is known of the ground, for metres; `vitrail calibrate` says what it makes of it.",
    )
    zones: list[ZoneShape] = Field(default=[], description="Polygons that analytics refer to.")
    lines: list[LineShape] = Field(default=[], description="Directed lines that analytics refer to.")
    surfaces: list[SurfaceShape] = Field(default=[], description="Declared walls.")
    assets: list[AssetShape] = Field(default=[], description="Declared street furniture.")
    analytics: list[AnalyticShape] = Field(default=[], description="What is switched on.")


class JointModelShape(Shape):
    """A joint picture-text model in the site folder (`docs/models.md`); nothing seen before is like it."""

    manifest: Text = Field(description="Its `joint.yaml`, relative to the site folder.")
    sha256: Text = Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of that file, which names those of the others.")


class SignOnShape(Shape):
    """The organisation's own provider of accounts (OpenID Connect), beside passwords."""

    name: Text = Field(description="What the button on the sign-in page calls it.")
    issuer: Text = Field(description="Its issuer, exactly as it writes it: https://, or http:// on this machine.")
    client_id: Text = Field(description="What the provider calls this console.")
    client_secret: Text | None = Field(
        default=None, description="From the environment by name: `${OIDC_SECRET}`. Written out it is refused."
    )
    address: Text = Field(
        description="Where browsers reach the console; the provider sends them back to ADDRESS/sign-in/back."
    )
    account_claim: Text = Field(default="preferred_username", description="The claim that names the account here.")
    groups_claim: Text = Field(default="groups", description="The claim that lists the person's groups.")
    roles: dict[str, RoleName] = Field(
        min_length=1,
        description="Which group of the provider may hold which role. Somebody in no group with their account's role "
        "is refused; the provider makes no account and gives no territory.",
    )


class SoundStreamShape(Shape):
    """The feed of a microphone, or a file. It is heard, never kept."""

    address: Text = Field(
        description="An rtsp:// or rtsps:// address, `card:NAME` for a sound card of this machine (as ALSA calls it), "
        "or a file (relative to the site folder). Secrets come from the environment by name, as for cameras."
    )
    label: Text | None = Field(
        default=None, description="What screens and logs call it; the address without secrets when left out."
    )
    channel: int | None = Field(
        default=None, ge=0, le=63, description="Which channel it is, from 0; all of them together when left out."
    )
    loop: bool = Field(default=False, description="Play a file again and again (lab).")


class MicrophoneShape(Shape):
    """One microphone: a place of its own on the map, and no camera (L18). Nothing of what it hears is kept (L19)."""

    id: Name = Field(description="Unique within the site, also among the cameras.")
    name: Text = Field(description="What screens call it.")
    surroundings: Literal["street", "tunnel", "car_park", "platform", "depot"] = Field(
        description="`street` for every place open to the sky and the public; otherwise the closed place it hangs in. "
        "The legal profile decides on it."
    )
    stream: SoundStreamShape = Field(description="Where its sound comes from.")
    position: PositionShape | None = Field(
        default=None, description="Where it hangs, for the map and for finding where a sound came from."
    )
    analytics: list[AnalyticShape] = Field(default=[], description="What is switched on: analytics that listen.")


class RepairerShape(Shape):
    """Somebody who cleans or repairs and takes requests in: exactly one of `open311` and `webhook`. Only what a person
    confirmed is sent, once."""

    id: Name = Field(description="Short name: small letters, digits, `-` and `_`.")
    name: Text = Field(description="What screens call them; outside `lab` the mandate lists it under `recipients`.")
    open311: Text | None = Field(
        default=None, description="Address of their Open311 GeoReport v2 service, without `/requests.json`."
    )
    webhook: Text | None = Field(default=None, description="Address that takes signed CloudEvents by POST.")
    key: Text = Field(
        description="From the environment by name: `${CITY_KEY}`. Their API key, or the secret of the webhook."
    )
    services: dict[Literal["graffiti", "damage"], Text] = Field(
        min_length=1, description="Their service code by kind of event; a kind that is left out is not sent."
    )
    jurisdiction: Text | None = Field(default=None, description="Their `jurisdiction_id`, where they have several.")
    pictures: bool = Field(
        default=False,
        description="Whether pictures go along: Open311 gets the one after as the part `media`, a webhook both.",
    )
    inside: bool = Field(default=False, description="Whether their host may be on a private network, and without TLS.")
    closing: Literal["suggests", "repairs"] = Field(
        default="suggests",
        description="`repairs`: a request that they close says that the thing is repaired; else a person is asked.",
    )


class EscalationShape(Shape):
    """When an alert that nobody judged is late, and who is told."""

    minutes: int = Field(default=10, ge=1, le=1440, description="Without a verdict for so long an alert is late.")
    to: list[Text] = Field(
        default=[],
        max_length=50,
        description="Ids of accounts that every page of the console tells how many alerts of their territory are late. "
        "Nothing leaves the house: an alert that nobody judged is for nobody else (L10).",
    )


class BlindChecksShape(Shape):
    """Stretches of recording in which nothing was told, put into the queue like alerts, to measure attention. Those who
    work there must be told that this happens; the console tells them too. Nobody is counted by name."""

    share: float = Field(ge=0.01, le=0.5, description="How many checks come for each alert, 0.01 to 0.5.")


class SiteShape(Shape):
    """`site.yaml`: one place, its cameras, and what is drawn on their pictures."""

    id: Name = Field(description="Short name of the site: small letters, digits, `-` and `_`.")
    name: Text = Field(description="What screens call it.")
    zone: Text = Field(description="IANA time zone, such as `Europe/Paris`; all hours are read in it.")
    languages: list[Literal["fr", "en"]] = Field(
        default=["fr", "en"], min_length=1, description="Languages of the console, the first is the default."
    )
    profile: Name = Field(description="Legal profile: `lab`, `fr` or `eu`.")
    witnesses: list[Text] = Field(
        default=[],
        description="Who keeps signed heads of the ledger: an absolute path on another disk, or an https:// address.",
    )
    ledger_months: int = Field(
        default=36,
        ge=6,
        le=36,
        description="How many months the ledger tells who acted and why, 6 to 36; then those words are erased.",
    )
    sign_on: SignOnShape | None = Field(
        default=None, description="The organisation's own provider of accounts (OpenID Connect), beside passwords."
    )
    map: Text | None = Field(
        default=None,
        description="GeoJSON file in the site folder, drawn under the cameras; lines with `highway` or `street` are "
        "streets, along which distances are measured.",
    )
    likeness: JointModelShape | None = Field(
        default=None, description="A joint picture-text model of the site's own, for search by description."
    )
    timestamps: Text | None = Field(
        default=None,
        pattern="^https?://",
        description="Address of a time-stamping authority (RFC 3161) that vouches for the moment of bundles.",
    )
    escalation: EscalationShape = Field(
        default_factory=EscalationShape, description="When an alert that nobody judged is late, and who is told."
    )
    blind_checks: BlindChecksShape | None = Field(
        default=None, description="Blind checks of attention; none when left out."
    )
    repairs: list[RepairerShape] = Field(default=[], description="Who cleans and repairs, and takes requests in.")
    cameras: list[CameraShape] = Field(default=[], description="The cameras.")
    microphones: list[MicrophoneShape] = Field(default=[], description="The microphones.")
