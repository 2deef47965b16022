"""What an analytic is tried with."""

__all__ = ["rehearsal_maker"]

import secrets

from vitrail.compose.rooms import Rooms
from vitrail.domain.errors import NotFound
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.pipeline.looking import Looking
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.pipeline.stirring import Stirring
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.rehearsal import RehearsalMaker
from vitrail.runtime.rehearsal import StageRehearsal


def rehearsal_maker(rooms: Rooms) -> RehearsalMaker:
    def make(camera: Camera, setting: AnalyticSetting) -> StageRehearsal:
        stream = camera.stream_for("record")
        if stream is None:
            raise NotFound(f"camera {camera.id} is not recorded", remedy="there is nothing to try on")
        inputs = rooms.registry.manifests[setting.analytic_id].inputs
        surfaces = {surface.id: surface.polygon for surface in camera.surfaces}
        assets = {asset.id: asset.polygon for asset in camera.assets}
        return StageRehearsal(
            camera.id,
            stream.id,
            rooms.registry.make(camera, stream.id, setting),
            Tracker(lambda: secrets.randbits(63)),
            SceneMemory(surfaces, assets) if "place" in inputs else None,
            Looking(rooms.reader) if "look" in inputs else None,
            Stirring(rooms.reader, [camera.zone(z).polygon for z in setting.zones]) if "stir" in inputs else None,
        )

    return make
