"""What was repaired is learnt anew once; an ill camera judges no wall; a moved one forgets."""

from typing import Any

import numpy as np

from tests.builders import NOW_US
from vitrail.domain.events import Findings, Place
from vitrail.domain.health import Ailment, Unjudged, Unsure
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.runtime.upkeep import Upkeep

BENCH = Place("gate", asset_id="bench")


class Keeper:
    def __init__(self) -> None:
        self.renewed: list[Place] = []
        self.forgot = 0
        self.places = (BENCH,)

    def update(self, scene: Any) -> Findings:
        return Findings()

    def reset(self) -> None: ...

    def finish(self, wall_us: int) -> Findings:
        return Findings()

    def unjudged(self, wall_us: int) -> tuple[Unjudged, ...]:
        return (Unjudged(BENCH, Unsure.NIGHT, wall_us - MINUTE_US),)

    def renew(self, place: Place) -> None:
        self.renewed.append(place)

    def forget(self) -> None:
        self.forgot += 1

    def remembered(self) -> dict[str, Any]:
        return {"look": np.array([1.0])}

    def recall(self, kept: Any) -> None:
        self.recalled = kept


class Plain:
    def update(self, scene: Any) -> Findings:
        return Findings()

    def reset(self) -> None: ...

    def finish(self, wall_us: int) -> Findings:
        return Findings()


class Said:
    """Stands for the guard's way in: which places wait."""

    def __init__(self) -> None:
        self.waiting: tuple[Place, ...] = ()
        self.asked = 0
        self.kept: list[Any] = []

    def recall(self) -> Any:
        return self.kept[-1] if self.kept else {}

    def remember(self, arrays: Any) -> None:
        self.kept.append(arrays)

    def to_renew(self) -> tuple[Place, ...]:
        self.asked += 1
        return self.waiting


def test_what_was_repaired_is_learnt_anew_once_and_again_after_the_next_repair() -> None:
    keeper, said = Keeper(), Said()
    upkeep: Any = Upkeep([Plain(), keeper], said, True)  # type: ignore[arg-type]
    for minute, waiting in enumerate([(), (BENCH,), (BENCH,), (), (BENCH,)]):
        said.waiting = waiting
        upkeep.tick(NOW_US + minute * MINUTE_US)
        upkeep.tick(NOW_US + minute * MINUTE_US + SECOND_US)
    assert keeper.renewed == [BENCH, BENCH] and said.asked == 5


def test_where_nothing_knows_places_nobody_is_asked() -> None:
    said = Said()
    Upkeep([Plain()], said, True).tick(NOW_US)  # type: ignore[arg-type]
    assert said.asked == 0


def test_an_ill_camera_judges_no_wall_and_says_so_with_since_when() -> None:
    plain, keeper = Plain(), Keeper()
    upkeep = Upkeep([plain, keeper], Said(), True)  # type: ignore[arg-type]
    assert list(upkeep.judging(())) == [plain, keeper]
    assert list(upkeep.judging((Ailment.HIDDEN,))) == [plain]
    assert upkeep.unjudged(NOW_US, ()) == (Unjudged(BENCH, Unsure.NIGHT, NOW_US - MINUTE_US),)
    for after in (0, 9):
        told = upkeep.unjudged(NOW_US + after, (Ailment.HIDDEN,))
        assert told == (Unjudged(BENCH, Unsure.CAMERA, NOW_US),)
    upkeep.unjudged(NOW_US + 10, ())
    assert upkeep.unjudged(NOW_US + 11, (Ailment.HIDDEN,))[0].since_us == NOW_US + 11


def test_a_moved_camera_forgets_its_places() -> None:
    keeper = Keeper()
    Upkeep([keeper], Said(), True).moved()  # type: ignore[arg-type]
    assert keeper.forgot == 1


def test_what_is_known_is_kept_now_and_then_and_taken_up_by_the_next_process() -> None:
    said = Said()
    upkeep = Upkeep([Plain(), Keeper()], said, True)  # type: ignore[arg-type]
    for minute in range(62):
        upkeep.tick(NOW_US + minute * MINUTE_US)
    assert len(said.kept) == 2
    upkeep.moved()
    assert len(said.kept) == 3
    after = Keeper()
    Upkeep([Plain(), after], said, True)  # type: ignore[arg-type]
    assert list(after.recalled) == ["look"]


def test_a_recording_is_analysed_from_nothing_and_leaves_nothing() -> None:
    said, keeper = Said(), Keeper()
    said.kept.append({"0-Keeper/look": np.array([1.0])})
    upkeep = Upkeep([keeper], said, False)  # type: ignore[arg-type]
    upkeep.keep()
    assert not hasattr(keeper, "recalled") and len(said.kept) == 1
