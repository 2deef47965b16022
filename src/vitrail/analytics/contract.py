"""The plug-in point: what every analytic is."""

__all__ = ["Analytic", "AnalyticFactory", "Arrays", "Remembers", "SoundAnalytic", "SoundAnalyticFactory"]

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from vitrail.domain.analytics import AnalyticManifest, Scene
from vitrail.domain.events import Findings, Place
from vitrail.domain.health import Unjudged
from vitrail.domain.sound import Habit, Hearing
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone

Arrays = Mapping[str, npt.NDArray[np.generic]]


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


@runtime_checkable
class Remembers(Protocol):
    """What an analytic that knows declared walls or things by their own past can be asked beside."""

    def unjudged(self, wall_us: int) -> tuple[Unjudged, ...]:
        """Which of them it cannot judge now, and why. Asking changes nothing."""
        ...

    def renew(self, place: Place) -> None:
        """It was repaired or cleaned, or somebody said that it is in order as it is: learn its look anew, forget what
        was told. ``Findings.renewed`` names the place once that is done. Another's place changes nothing."""
        ...

    @property
    def places(self) -> tuple[Place, ...]:
        """Those it looks at."""
        ...

    def forget(self) -> None:
        """The camera looks elsewhere: all of them are learnt anew, and what was told of them is over unsaid."""
        ...

    def remembered(self) -> Arrays:
        """What has been learnt, to go on with after a restart: measures of places that were seen many times over hours,
        people left out. Nothing where nothing is learnt yet."""
        ...

    def recall(self, kept: Arrays) -> None:
        """Go on with what ``remembered`` gave. What does not fit what is drawn now is left aside."""
        ...


class AnalyticFactory(Protocol):
    MANIFEST: AnalyticManifest

    def __call__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> Analytic: ...


class SoundAnalytic(Protocol):
    """One instance listens to one microphone with one setting; it is never given a picture (law.md L18)."""

    def update(self, hearing: Hearing) -> Findings: ...

    @property
    def habits(self) -> tuple[Habit, ...]:
        """What thresholds have learned of the place so far."""
        ...

    def recall(self, habits: Sequence[Habit]) -> None:
        """Go on from ``habits`` of before a restart."""
        ...

    def reset(self) -> None: ...

    def finish(self, wall_us: int) -> Findings: ...


class SoundAnalyticFactory(Protocol):
    MANIFEST: AnalyticManifest

    def __call__(self, microphone: Microphone, setting: AnalyticSetting) -> SoundAnalytic: ...
