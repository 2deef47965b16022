"""A case's scene as programs and the replay page read it. Times are microseconds since 1970, UTC, on the case's clock;
places are metres on the plan, x to the east, y to the north."""

__all__ = ["SceneOut", "TipsOut", "scene_out", "tips_out"]

from pydantic import BaseModel

from vitrail.domain.board import Pin
from vitrail.domain.events import Alert
from vitrail.domain.sightings import Sighting
from vitrail.domain.time import Interval
from vitrail.guard.projector import FULL_US, KEYS_US
from vitrail.pipeline.plan import Plan
from vitrail.services.replay import Scene, Shown, Tip

Metres = tuple[float, float]
Foot = tuple[float, float]


class CameraOut(BaseModel):
    """``spans``: what is recorded. ``offset_us``: how far its recordings run ahead of the case's clock, known to
    ``uncertainty_us``; ``clock`` says how that is known."""

    id: str
    name: str
    spans: list[tuple[int, int]]
    offset_us: int
    uncertainty_us: int
    clock: str
    clock_version: int


class HappeningOut(BaseModel):
    """An alert. ``camera`` is empty for a sound: it has no picture, and leads to no camera (L18). ``change``: something
    that stays, such as paint or a thing left."""

    id: str
    camera: str
    microphone: str | None
    kind: str
    state: str
    change: bool
    start_us: int
    end_us: int


class SeenOut(BaseModel):
    """A vehicle, a thing left standing, a mark; never a person. ``foot``: where it touches the ground, in shares of the
    picture."""

    id: int
    camera: str
    kind: str
    colours: list[str]
    start_us: int
    end_us: int
    foot: Foot


class PinOut(BaseModel):
    id: str
    camera: str
    at_us: int
    thread: str
    words: str
    x: float | None
    y: float | None
    by: str
    version: int


class SpotOut(BaseModel):
    place: Metres
    doubt_m: float


class EllipseOut(BaseModel):
    """Holds the place of a sound nineteen times of twenty. ``bearing_deg``: of the long axis, clockwise from north."""

    place: Metres
    major_m: float
    minor_m: float
    bearing_deg: float


class MapOut(BaseModel):
    """``views``: what each camera sees, by its id; ``guessed``: those that nobody calibrated. ``pins``, ``sounds`` by
    their ids."""

    views: dict[str, list[Metres]]
    places: dict[str, Metres]
    guessed: list[str]
    lines: list[list[Metres]]
    areas: list[list[Metres]]
    pins: dict[str, SpotOut]
    sounds: dict[str, EllipseOut]


class SceneOut(BaseModel):
    """``full_us``, ``keys_us``: how long packs of every picture and of key pictures are."""

    start_us: int
    end_us: int
    full_us: int
    keys_us: int
    cameras: list[CameraOut]
    alerts: list[HappeningOut]
    sounds: list[HappeningOut]
    sightings: list[SeenOut]
    pins: list[PinOut]
    map: MapOut | None


class TipOut(BaseModel):
    """``window``: when this camera could show it; none where it could not. ``sightings``: ids of the vehicles, things
    and marks seen there meanwhile, for a person to judge: nothing is compared (L22)."""

    camera: str
    name: str
    window: tuple[int, int] | None
    why: str
    distance_m: float | None
    recorded_us: int
    share: float
    sightings: list[int]


class TipsOut(BaseModel):
    travel: str
    cameras: list[TipOut]


def scene_out(scene: Scene) -> SceneOut:
    return SceneOut(
        start_us=scene.case.window.start_us,
        end_us=scene.case.window.end_us,
        full_us=FULL_US,
        keys_us=KEYS_US,
        cameras=[_camera(each) for each in scene.cameras],
        alerts=[_happening(alert) for alert in scene.alerts],
        sounds=[_happening(alert) for alert in scene.sounds],
        sightings=[_seen(each) for each in scene.sightings],
        pins=[_pin(pin) for pin in scene.board.pins],
        map=_map(scene, scene.plan) if scene.plan else None,
    )


def tips_out(travel: str, tips: list[Tip]) -> TipsOut:
    return TipsOut(travel=travel, cameras=[_tip(tip) for tip in tips])


def _camera(each: Shown) -> CameraOut:
    return CameraOut(
        id=each.camera.id,
        name=each.camera.name,
        spans=[_span(span) for span in each.spans],
        offset_us=each.offset_us,
        uncertainty_us=each.uncertainty_us,
        clock=each.clock,
        clock_version=each.clock_version,
    )


def _happening(alert: Alert) -> HappeningOut:
    place = alert.place
    return HappeningOut(
        id=alert.id,
        camera=place.camera_id,
        microphone=place.microphone_id,
        kind=alert.kind,
        state=alert.state.value,
        change=alert.pictures is not None or bool(place.surface_id or place.asset_id),
        start_us=alert.interval.start_us,
        end_us=alert.interval.end_us,
    )


def _seen(each: Sighting) -> SeenOut:
    x0, _, x1, y1 = each.box
    return SeenOut(
        id=each.id,
        camera=each.camera_id,
        kind=each.kind,
        colours=[tint.name for tint in each.tints],
        start_us=each.interval.start_us,
        end_us=each.interval.end_us,
        foot=each.path[len(each.path) // 2] if each.path else ((x0 + x1) / 2, y1),
    )


def _pin(pin: Pin) -> PinOut:
    return PinOut(
        id=pin.id,
        camera=pin.camera_id,
        at_us=pin.at_us,
        thread=pin.thread,
        words=pin.words,
        x=pin.x,
        y=pin.y,
        by=pin.made_by,
        version=pin.version,
    )


def _map(scene: Scene, plan: Plan) -> MapOut:
    return MapOut(
        views={v.camera_id: v.outline.round(2).tolist() for v in plan.views},
        places=plan.places,
        guessed=sorted(plan.guessed),
        lines=[line.round(1).tolist() for line in plan.lines],
        areas=[area.round(1).tolist() for area in plan.areas],
        pins={pin.id: spot for pin in scene.board.pins if (spot := _spot(scene, plan, pin))},
        sounds={alert.id: where for alert in scene.sounds if (where := _ellipse(plan, alert))},
    )


def _spot(scene: Scene, plan: Plan, pin: Pin) -> SpotOut | None:
    camera = next((each.camera for each in scene.cameras if each.camera.id == pin.camera_id), None)
    foot = (pin.x, pin.y) if pin.x is not None and pin.y is not None else None
    found = plan.spot(camera, foot) if camera else None
    return SpotOut(place=found[0], doubt_m=round(found[1], 1)) if found else None


def _ellipse(plan: Plan, alert: Alert) -> EllipseOut | None:
    located = alert.sound.located if alert.sound else None
    if located is None:
        return None
    place = plan.at(located.latitude, located.longitude)
    return EllipseOut(place=place, major_m=located.major_m, minor_m=located.minor_m, bearing_deg=located.bearing_deg)


def _tip(tip: Tip) -> TipOut:
    proposal = tip.proposal
    return TipOut(
        camera=tip.camera.id,
        name=tip.camera.name,
        window=_span(proposal.window) if proposal.window else None,
        why=proposal.why,
        distance_m=round(proposal.distance_m, 1) if proposal.distance_m < 1e6 else None,
        recorded_us=tip.recorded_us,
        share=round(tip.searched_share, 3),
        sightings=[each.id for each in tip.sightings],
    )


def _span(span: Interval) -> tuple[int, int]:
    return span.start_us, span.end_us
