"""The plug-in point: what every analytic is."""

__all__ = ["Analytic", "AnalyticFactory", "SoundAnalytic", "SoundAnalyticFactory"]

from typing import Protocol

from vitrail.domain.analytics import AnalyticManifest, Scene
from vitrail.domain.events import Findings
from vitrail.domain.sound import Hearing
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone


class Analytic(Protocol):
    """One instance watches one camera with one setting."""

    def update(self, scene: Scene) -> Findings:
        """``scene.wall_us`` never goes back between resets."""
        ...

    def reset(self) -> None:
        """Forget everything: the stream was re-opened, or the camera moved. Open happenings are dropped."""
        ...

    def finish(self, wall_us: int) -> Findings:
        """The stream ended: close what is open."""
        ...


class AnalyticFactory(Protocol):
    MANIFEST: AnalyticManifest

    def __call__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> Analytic: ...


class SoundAnalytic(Protocol):
    """One instance listens to one microphone with one setting; it is never given a picture (law.md L18)."""

    def update(self, hearing: Hearing) -> Findings: ...

    def reset(self) -> None: ...

    def finish(self, wall_us: int) -> Findings: ...


class SoundAnalyticFactory(Protocol):
    MANIFEST: AnalyticManifest

    def __call__(self, microphone: Microphone, setting: AnalyticSetting) -> SoundAnalytic: ...
