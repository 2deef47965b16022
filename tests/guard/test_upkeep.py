"""From an alert about a declared bench to its repair: what machines and people bring about, and who may."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.front import Front
from tests.guard.world import World
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.events import Decision, Findings, Phase, Place, Side
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.notices import NoticeState
from vitrail.domain.people import Role, Use
from vitrail.domain.recipients import Channel, Recipient
from vitrail.domain.streams import Asset
from vitrail.domain.time import DAY_US
from vitrail.domain.upkeep import Condition, Said

BENCH = Place("gate", asset_id="bench")
CITY = Recipient("city", "City works", Channel.OPEN311, "https://city.example", "key", {"damage": "311"}, pictures=True)
TOM = b.account(id="tom", role=Role.TECHNICIAN)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    front = Front(tmp_path)
    front.world.site = replace(front.world.site, recipients=(CITY, replace(CITY, id="paint", services={})))
    front.reception = front.opened_reception()
    front.world.records.notices.rows.clear()
    front.world.records.accounts.add(TOM)
    yield front
    front.live.close()


def damaged(front: Front, alert_id: str = "alert-9") -> Any:
    alert = front.another_alert(id=alert_id, kind="damage", place=BENCH)
    front.world.records.upkeep.rows.append(b.step(alert_id=alert_id))
    return alert


def stands(front: Front) -> Any:
    return front.desk("tom", Use.UPKEEP).upkept(BENCH)


def test_every_declared_thing_is_listed_in_order_until_something_is_said(front: Front) -> None:
    (bench,) = front.desk("tom", Use.UPKEEP).upkeep()
    assert (bench.place, bench.name, bench.kind, bench.condition) == (BENCH, "The bench", "bench", Condition.OK)


def test_a_confirmed_alert_confirms_and_makes_one_request_for_who_takes_in_its_kind(front: Front) -> None:
    alert = damaged(front)
    assert stands(front).condition is Condition.SUSPECTED
    front.desk().judge(alert.id, Decision.CONFIRMED, "slats are gone", 4.0)
    bench = stands(front)
    assert bench.condition is Condition.CONFIRMED and bench.pictured == ""
    (notice,) = bench.notices
    assert (notice.id, notice.state, notice.recipient_id) == ("alert-9.city", NoticeState.WAITING, "city")
    assert notice.ticket.service_code == "311" and notice.ticket.reference == "alert-9"
    assert front.desk("tom", Use.UPKEEP).notices() == [notice]


def test_a_verdicts_words_do_not_enter_the_history(front: Front) -> None:
    """They may describe somebody, and the history lives longer than the footage."""
    front.desk().judge(damaged(front).id, Decision.CONFIRMED, "the man in red kicked it", 4.0)
    assert not [step for step in stands(front).steps if "red" in step.words]


def test_a_dismissal_returns_it_to_ok_and_sends_nothing(front: Front) -> None:
    front.desk().judge(damaged(front).id, Decision.DISMISSED, "a shadow", 4.0)
    assert stands(front).condition is Condition.OK and stands(front).notices == ()


def test_other_alerts_say_nothing_of_things(front: Front) -> None:
    front.desk().judge(front.alert.id, Decision.CONFIRMED, "somebody is there", 4.0)
    assert stands(front).steps == ()


def test_a_technician_says_repaired_and_the_ledger_has_it(front: Front) -> None:
    front.desk().judge(damaged(front).id, Decision.CONFIRMED, "slats are gone", 4.0)
    size = front.world.ledger.size
    bench = front.desk("tom", Use.UPKEEP).say_of(BENCH, Said.REPAIRED, "  new   slats ")
    assert bench.condition is Condition.REPAIRED
    assert (bench.steps[0].by, bench.steps[0].words) == ("tom", "new slats")
    changed = [entry for entry in front.since(size) if entry.operation is Operation.CHANGE]
    assert [entry.target for entry in changed] == ["asset:gate/bench"] * 2


def test_what_is_in_order_cannot_be_repaired_but_can_be_called_whole(front: Front) -> None:
    desk = front.desk("tom", Use.UPKEEP)
    with pytest.raises(Conflict):
        desk.say_of(BENCH, Said.REPAIRED, "new slats")
    assert desk.say_of(BENCH, Said.WHOLE, "a new bench").condition is Condition.OK


@pytest.mark.parametrize(("said", "words"), [(Said.REPAIRED, " x "), (Said.WHOLE, "w" * 301), (Said.ALERT, "words")])
def test_only_a_persons_words_in_a_few_letters(front: Front, said: Said, words: str) -> None:
    damaged(front)
    with pytest.raises(Invalid):
        front.desk("tom", Use.UPKEEP).say_of(BENCH, said, words)
    assert stands(front).condition is Condition.SUSPECTED


@pytest.mark.parametrize("place", [Place("gate", asset_id="nothing"), Place("gate-2", asset_id="bench"), Place("gate")])
def test_what_is_not_declared_in_the_territory_is_not_found(front: Front, place: Place) -> None:
    desk = front.desk("tom", Use.UPKEEP)
    with pytest.raises(NotFound):
        desk.upkept(place)
    with pytest.raises(NotFound):
        desk.say_of(place, Said.WHOLE, "it is fine")


def test_a_technician_sees_the_pictures_that_nobody_is_in_and_no_footage(front: Front) -> None:
    desk = front.desk("tom", Use.UPKEEP)
    assert desk.picture(front.alert.id, Side.AFTER)
    for ask in (lambda: desk.clip(front.alert.id, lambda _: None), lambda: desk.still(front.alert.id)):
        with pytest.raises(Refused):
            ask()
    with pytest.raises(Refused):
        front.desk("tom", Use.REVIEW)


def test_one_that_failed_is_sent_again_by_a_person(front: Front) -> None:
    front.world.records.notices.rows["alert-1.city"] = b.notice()
    assert front.desk("tom", Use.UPKEEP).send_again("alert-1.city").state is NoticeState.WAITING


# the machine's side


def wear(tmp_path: Path) -> World:
    setting = b.setting(analytic_id="furniture", zones=(), assets=("bench",))
    camera = b.camera(assets=(Asset("bench", "The bench", "bench", b.square()),), analytics=(setting,))
    cells = frozenset({("gate", "furniture", "closed-yard")})
    kinds = frozenset({"damage"})
    manifest = b.analytic(id="furniture", kinds=kinds)
    opener = FakeOpener(pictures(4), NOW_US)
    return World(tmp_path, b.site(cameras=(camera,)), [b.mandate(matrix=cells)], analytics=[manifest], opener=opener)


def damage(**changes: Any) -> Any:
    return b.event(**({"kind": "damage", "analytic": "furniture", "place": BENCH} | changes))


def test_an_alert_suspects_and_its_end_is_said(tmp_path: Path) -> None:
    world = wear(tmp_path)
    with world.open() as opened:
        opened.accept(Findings((damage(),)))
        opened.accept(Findings((damage(phase=Phase.CLOSED),)))
    told = [(step.said, step.alert_id) for step in world.records.upkeep.rows]
    assert told == [(Said.ALERT, "alert-1"), (Said.OVER, "alert-1")]


def test_an_end_that_comes_after_a_restart_is_said_too_and_of_what_is_in_order_nothing(tmp_path: Path) -> None:
    world = wear(tmp_path)
    with world.open() as opened:
        opened.accept(Findings((damage(phase=Phase.CLOSED),)))
        assert world.records.upkeep.rows == []
        opened.accept(Findings((damage(),)))
    with world.open() as opened:
        opened.accept(Findings((damage(phase=Phase.CLOSED, key="another"),)))
    assert [step.said for step in world.records.upkeep.rows] == [Said.ALERT, Said.OVER]


def test_a_repaired_thing_waits_for_its_look_until_it_is_learnt(tmp_path: Path) -> None:
    world = wear(tmp_path)
    with world.open() as opened:
        assert opened.to_renew() == ()
        world.records.upkeep.rows.append(b.step(said=Said.REPAIRED, by="tom"))
        assert opened.to_renew() == (BENCH,)
        opened.accept(Findings(renewed=(BENCH,)))
        assert opened.to_renew() == ()
    assert world.records.upkeep.rows[-1].said is Said.RENEWED
    assert any(e.target == "asset:gate/bench" and e.outcome is Outcome.DONE for e in world.entries())


def test_no_stream_renews_what_another_camera_sees(tmp_path: Path) -> None:
    with wear(tmp_path).open() as opened, pytest.raises(Refused):
        opened.accept(Findings(renewed=(Place("quay", asset_id="bench"),)))


def test_histories_are_erased_with_the_words_of_the_ledger(tmp_path: Path) -> None:
    world = wear(tmp_path)
    with world.open() as opened:
        opened.accept(Findings((damage(),)))
    (step,) = world.records.upkeep.rows
    world.clock.advance((step.erase_after_us - NOW_US) / 1e6 - 1)
    world.eraser.sweep()
    assert world.records.upkeep.rows
    world.clock.advance(2)
    world.eraser.sweep()
    assert world.records.upkeep.rows == [] and "erase done upkeep" in world.said()
    assert step.erase_after_us - NOW_US >= 180 * DAY_US
