"""The way out: once, only what was confirmed, only to whom the mandate names, and never lost over a restart."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.adapters.repairs.conftest import Served, city
from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakePictures
from tests.guard.world import KEY
from vitrail.adapters.repairs import Open311Carrier
from vitrail.adapters.sqlite import Records, open_database
from vitrail.domain.errors import Refused, Unavailable
from vitrail.domain.events import Decision, Pictured, Side, Verdict
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode
from vitrail.domain.notices import Delivery, Fate, Notice, NoticeState, Receipt, Status
from vitrail.domain.recipients import Channel, Recipient
from vitrail.domain.time import HOUR_US, MINUTE_US
from vitrail.domain.upkeep import Following, Said
from vitrail.guard.ledger import Ledger
from vitrail.guard.pictures import digests
from vitrail.guard.refusal import refuse
from vitrail.guard.release import Release

__all__ = ["city"]

CITY = Recipient("city", "City works", Channel.OPEN311, "https://city.example", "key", {"damage": "311"})
TAKEN = Delivery(Fate.TAKEN, Receipt("#1"))
UNSENT = Delivery(Fate.UNSENT, problem="429: too many")
UNCLEAR = Delivery(Fate.UNCLEAR, problem="no answer came")
REFUSED = Delivery(Fate.REFUSED, problem="400: no such service")


class FakeCarrier:
    """Answers as told, the last answer again and again."""

    def __init__(self, *answers: Delivery) -> None:
        self.answers = list(answers or (TAKEN,))
        self.sent: list[tuple[str, dict[Side, bytes]]] = []
        self.has: Receipt | Unavailable | None = None
        self.state: Status | None = Status(False)
        self.during: Any = None

    def deliver(self, recipient: Recipient, notice: Notice, jpegs: Any) -> Delivery:
        if self.during:
            self.during()
        self.sent.append((notice.id, dict(jpegs)))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def known(self, recipient: Recipient, notice: Notice) -> Receipt | None:
        if isinstance(self.has, Unavailable):
            raise self.has
        return self.has

    def status(self, recipient: Recipient, notice: Notice) -> Status | None:
        return self.state


@dataclass
class Out:
    folder: Path
    carrier: Any
    recipient: Recipient = CITY
    mandate: Any = None

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.pictures = FakePictures()
        self.open()

    def open(self) -> None:
        """As after a restart: another process, the same files."""
        self.records: Records = open_database(self.folder)
        self.ledger = Ledger(self.records.ledger, self.clock, KEY)
        site = b.site(recipients=(self.recipient,))
        self.release = Release(
            self.records.notices,
            self.records.upkeep,
            self.pictures,
            self.ledger,
            site,
            [self.mandate or b.mandate()],
            dict.fromkeys(Channel, self.carrier),
            self.mask,
            self.clock,
        )

    def restart(self) -> None:
        self.ledger.close()
        self.records.close()
        self.open()

    def mask(self, jpeg: bytes) -> bytes:
        if jpeg == b"people":
            raise refuse("L21", "nothing but people is left", "photo", "another")
        return b"masked " + jpeg

    def confirmed(self, **changes: Any) -> None:
        notice = b.notice(state=NoticeState.WAITING, **changes)
        alert = b.alert(id=notice.alert_id)
        self.records.alerts.add(b.permit(), alert)
        verdict = Verdict(Decision.CONFIRMED, "it is gone", "marie", NOW_US, 1.0)
        said = b.step(said=Said.CONFIRMED, alert_id=alert.id)
        self.records.alerts.judge(b.grant(), alert.id, verdict, Following((said,), (notice,)))

    def sweep(self) -> int:
        try:
            return self.release.sweep()
        except Unavailable:
            return -1

    @property
    def notice(self) -> Notice:
        return self.records.notices.get(b.grant(), "alert-1.city")

    def later(self, us: int) -> None:
        self.clock.advance(us / 1e6)

    def said(self) -> list[Said]:
        return [step.said for step in self.records.upkeep.find(b.grant())]


@pytest.fixture
def out(tmp_path: Path) -> Iterator[Out]:
    made = Out(tmp_path, FakeCarrier())
    made.confirmed()
    yield made
    made.records.close()


def test_what_was_confirmed_leaves_once_and_the_ledger_knew_before(out: Out) -> None:
    seen: list[Any] = []
    out.carrier.during = lambda: seen.extend(e.entry for e in out.ledger.entries(0, out.ledger.size))
    assert out.sweep() == 1 and out.sweep() == 0
    out.later(HOUR_US)
    out.sweep()
    assert [name for name, _ in out.carrier.sent] == ["alert-1.city"]
    assert (out.notice.state, out.notice.number, out.notice.sent_us) == (NoticeState.SENT, "#1", NOW_US)
    assert (seen[-1].operation, seen[-1].outcome) == (Operation.COMMUNICATE, Outcome.OPENED)
    assert seen[-1].target == "notice:alert-1.city" and seen[-1].mandate_id == "try-out"


def test_without_a_ledger_nothing_leaves(out: Out) -> None:
    def full(*_: Any) -> int:
        raise Unavailable("the disk is full")

    out.records.ledger.append = full  # type: ignore[method-assign]
    with pytest.raises(Refused):
        out.release.sweep()
    assert out.carrier.sent == [] and out.notice.state is NoticeState.WAITING


def test_pauses_grow_and_survive_a_restart(out: Out) -> None:
    out.carrier.answers = [UNSENT]
    pauses = []
    for _ in range(12):
        assert out.sweep() in (0, -1)
        pauses.append((out.notice.next_us - out.clock.now_us()) // MINUTE_US)
        out.restart()
        assert out.sweep() in (0, -1)
        out.later(out.notice.next_us - out.clock.now_us())
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert len(out.carrier.sent) == 12
    out.carrier.answers = [TAKEN]
    assert out.sweep() == 1 and out.notice.problem == ""


def test_in_the_end_it_is_given_up_and_a_person_may_send_it_again(out: Out) -> None:
    out.carrier.answers = [UNSENT]
    for _ in range(30):
        out.sweep()
        out.later(7 * HOUR_US)
    assert len(out.carrier.sent) == 20
    assert (out.notice.state, out.notice.problem) == (NoticeState.FAILED, "429: too many")
    with pytest.raises(Unavailable, match="1 request"):
        out.release.sweep()
    out.records.notices.again(b.grant(), "alert-1.city", out.clock.now_us())
    out.carrier.answers = [TAKEN]
    assert out.sweep() == 1 and out.release.sweep() == 0


def test_what_they_refuse_is_not_tried_again(out: Out) -> None:
    out.carrier.answers = [REFUSED]
    out.sweep()
    out.later(24 * HOUR_US)
    out.sweep()
    assert len(out.carrier.sent) == 1 and out.notice.state is NoticeState.FAILED


def test_what_may_have_arrived_is_asked_for_before_it_is_sent_again(out: Out) -> None:
    out.carrier.answers = [UNCLEAR, TAKEN]
    out.sweep()
    out.carrier.has = Receipt("#7")
    out.later(MINUTE_US)
    out.sweep()
    assert (out.notice.state, out.notice.number) == (NoticeState.SENT, "#7") and len(out.carrier.sent) == 1


def test_what_did_not_arrive_is_sent_again(out: Out) -> None:
    out.carrier.answers = [UNCLEAR, TAKEN]
    out.sweep()
    out.later(MINUTE_US)
    assert out.sweep() == 1 and len(out.carrier.sent) == 2


def test_while_nobody_can_tell_it_is_not_sent_again(out: Out) -> None:
    out.carrier.answers = [UNCLEAR]
    out.sweep()
    out.carrier.has = Unavailable("500")
    for _ in range(30):
        out.later(7 * HOUR_US)
        out.sweep()
    assert len(out.carrier.sent) == 1
    assert out.notice.state is NoticeState.FAILED and "nobody can tell" in out.notice.problem


def test_a_process_that_dies_while_it_sends_leaves_a_question_not_a_second_request(out: Out) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    out.carrier.during = die
    with pytest.raises(KeyboardInterrupt):
        out.release.sweep()
    out.carrier.during = None
    out.restart()
    out.sweep()
    assert out.carrier.sent == [] and out.notice.state is NoticeState.SENDING
    out.carrier.has = Receipt("#3")
    out.later(6 * MINUTE_US)
    out.sweep()
    assert (out.notice.state, out.notice.number) == (NoticeState.SENT, "#3") and out.carrier.sent == []


def test_two_processes_send_it_once(out: Out) -> None:
    other = Out(out.folder, FakeCarrier())
    out.carrier.during = lambda: other.sweep()
    assert out.sweep() == 1
    assert other.carrier.sent == []
    other.records.close()


def test_outside_lab_only_those_leave_whom_the_mandate_names(tmp_path: Path) -> None:
    for recipients, sent in ((("Fire brigade",), 0), (("City works",), 1)):
        folder = tmp_path / str(sent)
        folder.mkdir()
        out = Out(folder, FakeCarrier(), mandate=b.mandate(mode=Mode.ALERT, recipients=recipients))
        out.confirmed()
        out.sweep()
        assert len(out.carrier.sent) == sent
        assert (out.notice.state is NoticeState.FAILED) == (sent == 0)
        assert ("(L06)" in out.notice.problem) == (sent == 0)
        out.records.close()


def test_pictures_are_masked_once_more_and_what_is_gone_or_nothing_but_people_stays(tmp_path: Path) -> None:
    out = Out(tmp_path, FakeCarrier())
    jpegs = {Side.BEFORE: b"people", Side.AFTER: b"bench"}
    found = digests(jpegs)
    assert isinstance(found, Pictured)
    for side, jpeg in jpegs.items():
        out.pictures.keep(f"alert-1-{side.value}", jpeg)
    out.confirmed(pictures=found)
    out.sweep()
    ((_, sent),) = out.carrier.sent
    assert sent == {Side.AFTER: b"masked bench"}
    out.records.close()


@pytest.mark.parametrize(("repairs", "said"), [(False, [Said.CLOSED]), (True, [Said.CLOSED, Said.REPAIRED])])
def test_a_closed_request_suggests_a_repair_or_says_it(tmp_path: Path, repairs: bool, said: list[Said]) -> None:
    out = Out(tmp_path, FakeCarrier(), recipient=replace(CITY, closing_repairs=repairs))
    out.confirmed()
    out.sweep()
    out.later(31 * MINUTE_US)
    out.sweep()
    assert out.notice.state is NoticeState.SENT
    out.carrier.state = Status(True, "#1", "closed: new slats")
    out.later(31 * MINUTE_US)
    out.sweep()
    assert (out.notice.state, out.notice.answer) == (NoticeState.CLOSED, "closed: new slats")
    assert out.said() == [Said.CONFIRMED, *said]
    out.later(24 * HOUR_US)
    out.sweep()
    assert out.said() == [Said.CONFIRMED, *said]
    out.records.close()


def test_whom_the_mandate_no_longer_names_is_not_asked_what_became_of_it(tmp_path: Path) -> None:
    out = Out(tmp_path, FakeCarrier(), mandate=b.mandate(mode=Mode.ALERT, recipients=("City works",)))
    out.confirmed()
    out.sweep()
    out.mandate = b.mandate(mode=Mode.ALERT, recipients=("Fire brigade",))
    out.restart()
    out.carrier.state = Status(True, "#1", "closed")
    out.later(31 * MINUTE_US)
    out.sweep()
    assert out.notice.state is NoticeState.SENT
    assert "nobody asks what became of it" in out.notice.problem
    out.records.close()


def test_the_ledger_notes_each_new_answer_once_and_the_end(out: Out) -> None:
    out.sweep()
    for state in (Status(False, "#1", "seen"), Status(False, "#1", "seen"), Status(True, "#1", "done")):
        out.carrier.state = state
        out.later(31 * MINUTE_US)
        out.sweep()
    told = [found.entry.detail for found in out.ledger.entries(0, out.ledger.size)]
    assert told[-2:] == ["City works answered anew", "City works closed it"]
    assert len(told) == len({*told})


def test_what_was_repaired_meanwhile_is_not_repaired_twice(tmp_path: Path) -> None:
    out = Out(tmp_path, FakeCarrier(), recipient=replace(CITY, closing_repairs=True))
    out.confirmed()
    out.sweep()
    out.records.upkeep.say(b.grant(), b.step(said=Said.REPAIRED, by="tom"))
    out.carrier.state = Status(True, "#1", "closed")
    out.later(31 * MINUTE_US)
    out.sweep()
    assert out.said() == [Said.CONFIRMED, Said.REPAIRED, Said.CLOSED]
    out.records.close()


def test_a_real_server_that_hangs_up_gets_one_request_over_a_restart(tmp_path: Path, city: Served) -> None:
    out = Out(tmp_path, Open311Carrier(), recipient=city.recipient)
    out.confirmed()
    city.mode("silent")
    assert out.sweep() == 0 and out.notice.state is NoticeState.UNCLEAR
    out.restart()
    city.mode("good")
    out.later(2 * MINUTE_US)
    out.sweep()
    assert (out.notice.state, out.notice.number) == (NoticeState.SENT, "#1")
    assert len(city.lines("taken")) == len(city.lines("came")) == 1
    city.mode("closed")
    out.later(HOUR_US)
    out.sweep()
    assert out.notice.state is NoticeState.CLOSED and out.said()[-1] is Said.CLOSED
    out.records.close()
