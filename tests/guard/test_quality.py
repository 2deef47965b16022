"""Under its declared floor an analytic stops by itself; who resumes it gives it a new chance."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import builders as b
from tests.console.desk import Console
from vitrail.domain.analytics import Parameter
from vitrail.domain.events import Findings
from vitrail.domain.people import Role
from vitrail.guard.quality import Quality

FLOOR = Parameter("floor", "", 0, 0, 1, "the least share that must be confirmed")


class Judged:
    """A console whose alerts are judged, and the chore that counts."""

    def __init__(self, folder: Path, floor: float) -> None:
        site = b.site(cameras=(b.camera(analytics=(b.setting(parameters={"floor": floor}),)),))
        self.console = Console(folder, site=site)
        world = self.console.world
        self.quality = Quality(site, {"presence": b.analytic(parameters=(FLOOR,))}, world.ledger, world.suspensions)
        self.client = self.console.browser("operator")
        self.number = 0

    def judge(self, decision: str, times: int) -> None:
        world = self.console.world
        with world.open() as opened:
            events = tuple(b.event(key=f"q{self.number + n}") for n in range(times))
            alerts = opened.accept(Findings(events, ()))
        self.number += times
        for alert in alerts:
            world.clock.advance(1)
            said = {"csrf": self.console.csrf(self.client), "decision": decision, "reason": "looked at it"}
            assert self.client.post(f"/alerts/{alert.id}/verdict", data=said).status_code == 303

    def resume(self) -> None:
        suspensions = self.console.world.suspensions
        self.console.world.clock.advance(1)
        for role in (Role.OFFICER, Role.ADMINISTRATOR):
            suspensions.resume(
                b.account(id=role.value, role=role), suspensions.active()[0].order.id, "the zone is redrawn"
            )


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Judged]:
    made = Judged(tmp_path, 0.5)
    yield made
    made.console.close()


def test_mostly_wrong_alerts_stop_their_analytic(judged: Judged) -> None:
    judged.judge("dismissed", 8)
    (made,) = judged.quality.sweep()
    assert (made.order.cameras, made.order.analytics) == (("gate",), ("presence",))
    assert "0 of 8 alerts of presence were confirmed" in made.order.reason
    with judged.console.world.open() as opened:
        assert not opened.permit.analytics


def test_a_few_wrong_ones_may_be_bad_luck(judged: Judged) -> None:
    judged.judge("dismissed", 4)
    assert judged.quality.sweep() == []
    judged.judge("confirmed", 3)
    judged.judge("dismissed", 4)
    assert judged.quality.sweep() == []


def test_it_is_suspended_once_not_at_every_look(judged: Judged) -> None:
    judged.judge("dismissed", 8)
    assert len(judged.quality.sweep()) == 1
    assert judged.quality.sweep() == []


def test_who_resumes_it_gives_it_a_new_chance(judged: Judged) -> None:
    judged.judge("dismissed", 8)
    judged.quality.sweep()
    judged.resume()
    assert judged.quality.sweep() == []
    judged.judge("dismissed", 8)
    assert len(judged.quality.sweep()) == 1


def test_without_a_floor_nothing_stops_by_itself(tmp_path: Path) -> None:
    made = Judged(tmp_path, 0.0)
    made.judge("dismissed", 8)
    assert made.quality.sweep() == []
    made.console.close()
