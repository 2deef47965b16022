"""Listening under a mandate: what may be heard where, what is written, and that nothing else can be."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.sound import FakeEars, hiss, windows
from tests.guard.world import World
from vitrail.adapters.sitefolder.profiles import read_profile
from vitrail.analytics.sound import MANIFEST
from vitrail.domain.analytics import Maturity
from vitrail.domain.errors import Refused
from vitrail.domain.events import Event, Findings, Measure, Phase, Place
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.people import Role
from vitrail.domain.sound import Located, SoundTrace
from vitrail.domain.streams import AnalyticSetting, MapPosition, Microphone, SoundStream
from vitrail.domain.time import DAY_US, SECOND_US, Interval
from vitrail.guard import decide
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.hearing import Ears

TRACE = SoundTrace((-60, -12, -30), tuple(range(-22, 0)))


def microphone(**changes: Any) -> Microphone:
    given: dict[str, Any] = {
        "id": "quay",
        "name": "Quay",
        "stream": SoundStream("quay.sound", "quay", "quay.wav", "quay.wav"),
        "surroundings": "platform",
        "position": MapPosition(48.0, 2.0),
        "analytics": (AnalyticSetting("sound", "safety"),),
    }
    return Microphone(**(given | changes))


def mandate(**changes: Any) -> Any:
    purpose = b.purpose(id="safety", objective=changes.pop("objective", "evaluation"))
    given = {
        "purposes": (purpose,),
        "matrix": frozenset({("quay", "sound", "safety")}),
        "microphones": frozenset({"quay"}),
        "recording": frozenset(),
    }
    return b.mandate(**(given | changes))


class Listening:
    """A guard with one microphone over stores in memory."""

    def __init__(self, folder: Path, *mandates: Any, heard: Any = (), **site: Any) -> None:
        place = replace(b.site(), cameras=(), microphones=(microphone(**site),))
        self.world = World(folder, site=place, mandates=list(mandates))
        self.world.gatekeeper = Gatekeeper(
            place,
            list(mandates),
            self.world.profile,
            self.world.ledger,
            self.world.clock,
            [MANIFEST],
            self.world.suspensions.active,
        )
        self.opener = FakeEars(heard)
        world = self.world
        self.ears = Ears(
            world.gatekeeper,
            self.opener,
            world.records.alerts,
            world.records.alerts,
            world.ledger,
            world.clock,
            lambda: "alert-1",
        )

    def open(self) -> Any:
        return self.ears.open(self.world.site.microphones[0])


def shot(**changes: Any) -> Event:
    given: dict[str, Any] = {
        "key": "k1",
        "phase": Phase.OPENED,
        "kind": "gunshot",
        "analytic": "sound",
        "version": "1.0.0",
        "stream_id": "quay.sound",
        "place": Place.heard("quay"),
        "interval": Interval(NOW_US, NOW_US + SECOND_US // 2),
        "score": 0.9,
        "measures": (Measure("resemblance", 3.0, 1.0, "log odds"),),
        "sound": TRACE,
    }
    return Event(**(given | changes))


def test_without_a_mandate_no_microphone_is_opened(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    with pytest.raises(Refused) as refused:
        listening.open()
    assert refused.value.rule == "L01"
    assert listening.opener.opened == 0


def test_a_mandate_that_names_another_analytic_opens_nothing(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate(matrix=frozenset({("quay", "other", "safety")})))
    with pytest.raises(Refused) as refused:
        listening.open()
    assert refused.value.rule == "L04"
    assert listening.opener.opened == 0


def test_a_sound_becomes_an_alert_at_a_microphone_and_names_no_camera(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate(), heard=windows(hiss(0.5), NOW_US))
    with listening.open() as ear:
        (alert,) = ear.accept(Findings((shot(),)))
        ear.accept(Findings((shot(phase=Phase.CLOSED, interval=Interval(NOW_US, NOW_US + SECOND_US)),)))
    kept = listening.world.records.alerts.rows["alert-1"]
    assert (kept.place.microphone_id, kept.place.camera_id) == ("quay", "")
    assert kept.sound == TRACE and not kept.ongoing and kept.interval.length_us == SECOND_US
    assert kept.id == alert.id
    said = listening.world.said()
    assert "collect opened stream:quay.sound" in said and "collect done alert:alert-1" in said
    assert listening.world.entries()[-1].detail.endswith("nothing recorded")
    assert listening.opener.sources[0].closed


def test_where_it_came_from_is_added_by_the_microphone_that_told_it(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate())
    spot = Located(48.0, 2.0, 8.0, 5.0, 30.0, ("quay", "north", "south"))
    with listening.open() as ear:
        (alert,) = ear.accept(Findings((shot(),)))
        ear.locate(alert, spot)
    assert listening.world.records.alerts.rows["alert-1"].sound == replace(TRACE, located=spot)


def test_an_analytic_cannot_speak_of_a_camera_or_of_another_microphone(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate())
    with listening.open() as ear:
        for place in (Place("gate"), Place.heard("north")):
            with pytest.raises(Refused) as refused:
                ear.accept(Findings((shot(place=place),)))
            assert refused.value.rule == "L04"
    assert not listening.world.records.alerts.rows


def test_a_place_is_at_a_camera_or_at_a_microphone_never_both() -> None:
    with pytest.raises(ValueError):
        Place("gate", microphone_id="quay")
    with pytest.raises(ValueError):
        Place("")


def test_when_the_mandate_ends_so_does_listening(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate(valid=Interval(NOW_US - DAY_US, NOW_US + 5 * SECOND_US)))
    ear = listening.open()
    assert ear.permit.analytics == {"sound"}
    listening.world.clock.advance(5.0)
    with pytest.raises(Refused):
        ear.accept(Findings((shot(),)))
    ear.close()
    assert listening.opener.sources[0].closed


def test_a_suspension_stops_listening_at_once(tmp_path: Path) -> None:
    listening = Listening(tmp_path, mandate())
    with listening.open() as ear:
        assert ear.permit.analytics
        listening.world.suspensions.suspend(b.account(role=Role.OFFICER), "complaint of the neighbours", ("quay",))
        with pytest.raises(Refused) as refused:
            assert ear.permit
        assert refused.value.rule == "L08"


def alert_mandate(**changes: Any) -> Any:
    return mandate(mode=Mode.ALERT, objective="rescue", arguments=(b_argument(),), **changes)


def b_argument() -> Any:
    from vitrail.domain.mandates import Alternative, Argument

    first = Alternative("more staff on the platform at night", False, "tried for a year, came too late")
    return Argument(
        "sound", "nobody sees the far end", (first,), "one in two weeks, half of them right", ("fireworks",)
    )


def law(mandates: Any, now_us: int) -> decide.Law:
    """As if its figures held (L29): what else forbids it is asked here."""
    proven = replace(MANIFEST, maturity=Maturity.TRIAL)
    return decide.Law(tuple(mandates), read_profile("fr"), {"sound": proven})


def test_outside_the_lab_sound_is_refused_until_its_figures_hold() -> None:
    asked = decide.Law((alert_mandate(),), read_profile("fr"), {"sound": replace(MANIFEST, maturity=Maturity.LAB)})
    answer = decide.hearing(microphone(surroundings="tunnel"), asked, NOW_US)
    assert isinstance(answer, Refused) and answer.rule == "L29"


@pytest.mark.parametrize("surroundings", ["tunnel", "car_park", "platform", "depot"])
def test_in_france_a_closed_place_may_be_listened_to_under_a_mandate(surroundings: str) -> None:
    answer = decide.hearing(microphone(surroundings=surroundings), law([alert_mandate()], NOW_US), NOW_US)
    assert isinstance(answer, Permit)
    assert answer.kinds == MANIFEST.kinds and not answer.may_record and not answer.camera_id


def test_in_france_the_street_may_not_be_listened_to() -> None:
    answer = decide.hearing(microphone(surroundings="street"), law([alert_mandate()], NOW_US), NOW_US)
    assert isinstance(answer, Refused) and answer.rule == "L07"
    rule = read_profile("fr").rule_for("gunshot", "street")
    assert rule is not None and rule.standing == "forbidden"


def test_outside_the_lab_no_mandate_couples_microphones_with_cameras() -> None:
    both = frozenset({("quay", "sound", "safety"), ("gate", "presence", "safety")})
    answer = decide.hearing(microphone(), law([alert_mandate(matrix=both)], NOW_US), NOW_US)
    assert isinstance(answer, Refused) and answer.rule == "L18"


def test_a_trace_finer_than_sound_may_be_kept_cannot_be_made() -> None:
    with pytest.raises(ValueError):
        SoundTrace(tuple([0] * 17), ())
    with pytest.raises(ValueError):
        SoundTrace((), tuple([0] * 23))
    with pytest.raises(ValueError):
        SoundTrace((0.5,), ())  # type: ignore[arg-type]
