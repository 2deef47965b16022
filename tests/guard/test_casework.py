"""Cases: who opens them, what they reach, keep and show, and when all of that ends."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.front import Front
from vitrail.domain.cases import Case, CaseKind, Unmasking
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account, Role, Use
from vitrail.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.casework import ANSWER_WITHIN_US, SHOWN_FOR_US, Casework
from vitrail.guard.figures import count

LAST_MINUTE = Interval(NOW_US - MINUTE_US, NOW_US)
BOX = (0.5, 0.3, 0.8, 0.9)


class Office(Front):
    """A front with staff for casework, outside lab: nobody stands in for anybody."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, role in (("olga", Role.OFFICER), ("otto", Role.OFFICER), ("ida", Role.INVESTIGATOR)):
            territory = frozenset({"gate"}) if role is Role.INVESTIGATOR else frozenset()
            self.world.records.accounts.add(b.account(id=name, role=role, territory=territory))
        self.world.records.accounts.add(b.account(id="adam", role=Role.ADMINISTRATOR))
        world = self.world
        self.work = Casework(world.records.accounts, world.records.cases, world.ledger, world.site, [], world.clock)

    def who(self, name: str) -> Account:
        found: Account = self.world.records.accounts.get(name)
        return found

    def opened(self, name: str = "ines", kind: CaseKind = CaseKind.INQUIRY, **changes: Any) -> Case:
        given: dict[str, Any] = {
            "reference": "PV 2026/18",
            "legal_basis": "requisition",
            "reason": "a window was broken",
            "cameras": frozenset({"gate"}),
            "window": LAST_MINUTE,
        }
        return self.work.open(self.who(name), kind, **(given | changes))

    def asked(self, case: Case, name: str = "ines", **changes: Any) -> Unmasking:
        given: dict[str, Any] = {
            "camera_id": "gate",
            "interval": Interval(NOW_US - 10 * SECOND_US, NOW_US - 5 * SECOND_US),
            "region": BOX,
            "reason": "what is thrown?",
        }
        return self.work.ask(self.who(name), case.id, **(given | changes))

    def look(self, name: str, case: Case) -> Any:
        return self.reception.open_desk(self.who(name), Use.INQUIRE, "to reconstruct it", case.id)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.live.close()


# opening


def test_an_investigator_opens_a_case_and_looks_into_it(office: Office) -> None:
    case = office.opened()
    assert office.look("ines", case).spans("gate", LAST_MINUTE)
    said = [e for e in office.world.entries() if e.target == f"case:{case.id}"]
    assert [(e.operation, e.outcome) for e in said] == [
        (Operation.CHANGE, Outcome.OPENED),
        (Operation.CHANGE, Outcome.DONE),
    ]
    assert "PV 2026/18" in said[1].detail and said[0].reason == "a window was broken"


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.INVESTIGATOR])
def test_no_other_role_opens_an_inquiry(office: Office, role: Role) -> None:
    office.world.records.accounts.add(b.account(id="other", role=role))
    with pytest.raises(Refused) as refused:
        office.opened("other")
    assert refused.value.rule == "L23"
    assert office.world.entries()[-1].outcome is Outcome.REFUSED
    assert [c.id for c in office.world.records.cases.every()] == ["case-1"]


@pytest.mark.parametrize("missing", ["reference", "legal_basis", "reason"])
def test_a_case_says_under_what_number_on_what_basis_and_why(office: Office, missing: str) -> None:
    with pytest.raises(Invalid):
        office.opened(**{missing: " "})


def test_a_case_names_cameras_that_exist(office: Office) -> None:
    for cameras in (frozenset({"moon"}), frozenset[str]()):
        with pytest.raises(NotFound):
            office.opened(cameras=cameras)


# looking


def test_without_a_case_there_is_nothing_to_look_into(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        office.reception.open_desk(office.who("ines"), Use.INQUIRE, "curious")
    assert refused.value.rule == "L23"
    with pytest.raises(Refused):
        office.reception.open_desk(office.who("ines"), Use.INQUIRE, "curious", "no-such-case")


def test_who_is_not_assigned_does_not_look_and_who_is_assigned_does(office: Office) -> None:
    case = office.opened()
    with pytest.raises(Refused):
        office.look("ida", case)
    office.work.assign(office.who("ines"), case.id, "ida", "helps with it")
    assert office.look("ida", case).spans("gate", LAST_MINUTE)


class Meanwhile:
    """Accounts of which one look takes so long that somebody else changes the case."""

    def __init__(self, accounts: Any, change: Callable[[], object]) -> None:
        self.accounts = accounts
        self.change = change

    def get(self, name: str) -> Account:
        if name == "ida":
            self.change()
        found: Account = self.accounts.get(name)
        return found


@pytest.mark.parametrize("what", ["close", "widen"])
def test_who_changes_a_case_that_another_changes_meanwhile_is_told_and_undoes_nothing(
    office: Office, what: str
) -> None:
    case, world = office.opened(), office.world
    window = Interval(case.window.start_us, case.window.end_us - 1)

    def change() -> object:
        if what == "close":
            return office.work.close(office.who("olga"), case.id, "it is over")
        return office.work.widen(office.who("ines"), case.id, case.cameras, window, "less will do")

    accounts: Any = Meanwhile(world.records.accounts, change)
    slow = Casework(accounts, world.records.cases, world.ledger, world.site, [], world.clock)
    with pytest.raises(Conflict):
        slow.assign(office.who("ines"), case.id, "ida", "two see more")
    kept = world.records.cases.get(case.id)
    assert "ida" not in kept.members
    assert (kept.closed_us is not None) == (what == "close") and (kept.window == window) == (what == "widen")
    assert world.entries()[-1].outcome is Outcome.FAILED


def test_nobody_of_another_role_is_assigned(office: Office) -> None:
    case = office.opened()
    with pytest.raises(Refused):
        office.work.assign(office.who("ines"), case.id, "marie", "wants to see")


def test_a_case_reaches_its_cameras_in_the_territory_and_its_span_and_no_further(office: Office) -> None:
    case = office.opened(cameras=frozenset({"gate", "gate-2"}), window=Interval(NOW_US - 10 * SECOND_US, NOW_US))
    scope = office.look("ines", case).grant.scope
    assert scope.cameras == {"gate"}
    assert scope.window == Interval(NOW_US - 10 * SECOND_US, NOW_US)
    spans = office.look("ines", case).spans("gate", LAST_MINUTE)
    assert spans and spans[0].start_us >= NOW_US - 10 * SECOND_US


def test_widening_is_written_down(office: Office) -> None:
    case = office.opened(window=Interval(NOW_US - SECOND_US, NOW_US))
    office.work.widen(office.who("ines"), case.id, frozenset({"gate"}), LAST_MINUTE, "it began earlier")
    assert office.look("ines", case).grant.scope.window == LAST_MINUTE
    assert office.world.entries()[-2].outcome is Outcome.DONE or "it began earlier" in {
        e.reason for e in office.world.entries()
    }


def test_closing_ends_every_open_desk_at_once(office: Office) -> None:
    case = office.opened()
    desk = office.look("ines", case)
    desk.spans("gate", LAST_MINUTE)
    office.work.close(office.who("olga"), case.id, "solved")
    with pytest.raises(Refused):
        desk.spans("gate", LAST_MINUTE)
    with pytest.raises(Refused):
        office.look("ines", case)


def test_a_case_ends_by_itself(office: Office) -> None:
    case = office.opened(length_us=DAY_US)
    office.world.clock.advance(DAY_US / SECOND_US)
    with pytest.raises(Refused) as refused:
        office.look("ines", case)
    assert "expired" in refused.value.what


def test_an_officer_looks_only_into_the_case_of_somebody_who_asked_for_what_is_theirs(office: Office) -> None:
    inquiry = office.opened()
    with pytest.raises(Refused):
        office.look("olga", inquiry)
    rights = office.opened("olga", CaseKind.RIGHTS, legal_basis="GDPR art. 15")
    desk = office.look("olga", rights)
    assert desk.grant.scope.cameras == {"gate"}
    with pytest.raises(Refused):
        office.reception.open_desk(office.who("olga"), Use.REVIEW, "curious")


def test_cases_are_listed_to_their_members_and_to_those_who_oversee(office: Office) -> None:
    mine = office.opened()
    assert mine.id in {c.id for c in office.work.cases(office.who("ines"), "what is open")}
    assert office.work.cases(office.who("ida"), "what is open") == []
    assert {c.id for c in office.work.cases(office.who("auditor"), "an inspection")} == {mine.id, "case-1"}
    with pytest.raises(NotFound):
        office.work.sheet(office.who("ida"), mine.id, "curious")
    assert office.work.sheet(office.who("olga"), mine.id, "oversight").case.id == mine.id


# holds


def footage(office: Office) -> int:
    return len(list(office.world.archive.root.glob("*.raw")))


def later(office: Office, us: int = DAY_US + HOUR_US) -> None:
    office.world.clock.advance(us / SECOND_US)
    office.world.eraser.sweep()


def test_what_is_held_stays_and_can_be_looked_at_in_its_case_alone(office: Office) -> None:
    case, other = office.opened(), office.opened()
    office.work.hold(office.who("ines"), case.id, "gate", LAST_MINUTE, "it shows who", NOW_US + 30 * DAY_US)
    later(office)
    assert footage(office) == 1
    assert office.look("ines", case).spans("gate", LAST_MINUTE)
    assert office.look("ines", case).alert(office.alert.id)
    assert office.look("ines", other).spans("gate", LAST_MINUTE) == []
    assert office.desk("marie").spans("gate", LAST_MINUTE) == []
    with pytest.raises(NotFound):
        office.desk("marie").alert(office.alert.id)


def test_without_a_hold_nothing_stays(office: Office) -> None:
    office.opened()
    later(office)
    assert footage(office) == 0


@pytest.mark.parametrize("end", ["released", "closed", "run out"])
def test_a_hold_that_ends_lets_everything_go_copies_too(office: Office, end: str) -> None:
    case = office.opened()
    ines = office.who("ines")
    hold = office.work.hold(ines, case.id, "gate", LAST_MINUTE, "it shows it", NOW_US + 2 * DAY_US)
    later(office)
    clip = office.look("ines", case).minute("gate", LAST_MINUTE, lambda _: None)
    assert clip.exists()
    if end == "released":
        office.work.release(ines, hold.id, "not needed")
    elif end == "closed":
        office.work.close(ines, case.id, "solved")
    else:
        office.world.clock.advance(DAY_US / SECOND_US)
    office.world.eraser.sweep()
    assert footage(office) == 0 and not clip.exists()
    assert office.world.records.alerts.rows == {}


def test_a_hold_keeps_its_own_footage_and_not_its_neighbours(office: Office) -> None:
    """L30: neighbours are erased on time."""
    case = office.opened()
    before = b.segment(id="before", path="before.raw", interval=Interval(NOW_US - HOUR_US, NOW_US - 50 * MINUTE_US))
    permit = b.permit(retention_us=DAY_US)
    before = replace(before, erase_after_us=before.interval.end_us + DAY_US, mandate_id=permit.mandate_id)
    office.world.records.segments.put(permit, before)
    office.world.archive.path(before).write_bytes(b"pictures")
    office.work.hold(office.who("ines"), case.id, "gate", LAST_MINUTE, "it shows it", NOW_US + 2 * DAY_US)
    later(office)
    assert "before" not in {s.id for s in office.world.records.segments.every()}
    assert footage(office) == 1


@pytest.mark.parametrize(
    ("camera", "span", "until_us"),
    [
        ("gate-2", LAST_MINUTE, NOW_US + DAY_US),
        ("gate", Interval(NOW_US - HOUR_US, NOW_US), NOW_US + DAY_US),
        ("gate", Interval(NOW_US, NOW_US), NOW_US + DAY_US),
        ("gate", LAST_MINUTE, NOW_US + 91 * DAY_US),
        ("gate", LAST_MINUTE, NOW_US),
    ],
)
def test_a_hold_stays_within_its_case(office: Office, camera: str, span: Interval, until_us: int) -> None:
    case = office.opened()
    with pytest.raises(Refused) as refused:
        office.work.hold(office.who("ines"), case.id, camera, span, "all of it", until_us)
    assert refused.value.rule == "L15"
    assert office.world.records.cases.holds(case.id) == []


# unmasking


def faces(office: Office, path: Path) -> int:
    """Frames of a copy in which the face, 210 and 230 by turns, is to be seen, also where words lie across it."""
    found = 0
    for frame in office.world.film.playback(path):
        y = frame.picture.y
        dark, light = np.isin(y, (210, 210 - 48)), np.isin(y, (230, 230 - 48))
        found += bool((dark[:, :-2] & light[:, 1:-1] & dark[:, 2:]).any())
    return found


def test_two_people_show_a_box_to_the_case_and_it_is_counted_in_public(office: Office) -> None:
    case = office.opened()
    asked = office.asked(case)
    with pytest.raises(Refused) as refused:
        office.look("ines", case).unmasked(asked.id, lambda _: None)
    assert refused.value.rule == "L24"
    office.work.answer(office.who("olga"), asked.id, True, "needed to see what is thrown")
    path = office.look("ines", case).unmasked(asked.id, lambda _: None)
    masked = office.look("ines", case).minute("gate", asked.interval, lambda _: None)
    assert faces(office, path) > 0
    assert faces(office, masked) == 0
    assert count(office.world.entries(), 1).uses().unmaskings == 1


def test_outside_of_the_box_people_stay_masked(office: Office) -> None:
    case = office.opened()
    asked = office.asked(case, region=(0.9, 0.0, 1.0, 0.1))
    office.work.answer(office.who("olga"), asked.id, True, "looks at the lamp")
    assert faces(office, office.look("ines", case).unmasked(asked.id, lambda _: None)) == 0


def test_who_asks_does_not_answer_not_even_with_two_roles(office: Office) -> None:
    case = office.opened()
    asked = office.asked(case)
    office.world.records.accounts.update(replace(office.who("ines"), role=Role.OFFICER))
    with pytest.raises(Refused) as refused:
        office.work.answer(office.who("ines"), asked.id, True, "I agree with myself")
    assert refused.value.rule == "L24"


@pytest.mark.parametrize("name", ["ida", "marie", "auditor", "adam"])
def test_only_an_officer_seconds_in_an_inquiry(office: Office, name: str) -> None:
    asked = office.asked(office.opened())
    with pytest.raises(Refused):
        office.work.answer(office.who(name), asked.id, True, "why not")
    assert office.work.waiting(office.who(name)) == []


def test_what_an_officer_asks_another_officer_or_an_administrator_seconds(office: Office) -> None:
    rights = office.opened("olga", CaseKind.RIGHTS)
    for second in ("otto", "adam"):
        asked = office.asked(rights, "olga")
        assert [u.id for u in office.work.waiting(office.who(second))] == [asked.id]
        assert office.work.answer(office.who(second), asked.id, True, "it is theirs").granted


def test_a_declined_request_shows_nothing_and_is_not_counted(office: Office) -> None:
    case = office.opened()
    asked = office.asked(case)
    office.work.answer(office.who("olga"), asked.id, False, "not needed")
    with pytest.raises(Refused):
        office.look("ines", case).unmasked(asked.id, lambda _: None)
    assert count(office.world.entries(), 1).uses().unmaskings == 0
    with pytest.raises(Refused):
        office.work.answer(office.who("olga"), asked.id, True, "changed my mind")


def test_both_reasons_are_needed_and_stand_in_the_ledger(office: Office) -> None:
    case = office.opened()
    with pytest.raises(Invalid):
        office.asked(case, reason="  ")
    asked = office.asked(case, reason="the first reason")
    with pytest.raises(Invalid):
        office.work.answer(office.who("olga"), asked.id, True, "")
    office.work.answer(office.who("olga"), asked.id, True, "the second reason")
    assert {"the first reason", "the second reason"} <= {e.reason for e in office.world.entries()}


def test_what_was_granted_ends_and_its_copy_goes(office: Office) -> None:
    case = office.opened()
    office.work.hold(office.who("ines"), case.id, "gate", LAST_MINUTE, "it is needed", NOW_US + 60 * DAY_US)
    asked = office.asked(case)
    office.work.answer(office.who("olga"), asked.id, True, "needed")
    path = office.look("ines", case).unmasked(asked.id, lambda _: None)
    assert path.stat().st_mtime <= (NOW_US + SHOWN_FOR_US) / SECOND_US
    later(office, SHOWN_FOR_US)
    assert not path.exists()
    with pytest.raises(Refused) as refused:
        office.look("ines", case).unmasked(asked.id, lambda _: None)
    assert "run out" in refused.value.what


def test_a_request_nobody_answered_lapses(office: Office) -> None:
    asked = office.asked(office.opened())
    office.world.clock.advance(ANSWER_WITHIN_US / SECOND_US)
    assert office.work.waiting(office.who("olga")) == []
    with pytest.raises(Refused):
        office.work.answer(office.who("olga"), asked.id, True, "too late")


def test_what_one_case_was_granted_another_does_not_see(office: Office) -> None:
    case, other = office.opened(), office.opened()
    asked = office.asked(case)
    office.work.answer(office.who("olga"), asked.id, True, "needed")
    with pytest.raises(NotFound):
        office.look("ines", other).unmasked(asked.id, lambda _: None)


@pytest.mark.parametrize(
    "changes",
    [
        {"region": (0.0, 0.0, 1.0, 1.0)},
        {"region": (0.5, 0.5, 0.5, 0.6)},
        {"region": (-0.1, 0.0, 0.2, 0.2)},
        {"region": (0.9, 0.9, 1.2, 1.0)},
        {"camera_id": "gate-2"},
        {"interval": Interval(NOW_US - HOUR_US, NOW_US - 59 * MINUTE_US)},
        {"interval": Interval(NOW_US - SECOND_US, NOW_US - SECOND_US)},
    ],
)
def test_a_box_is_small_short_and_within_the_case(office: Office, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        office.asked(office.opened(), **changes)
    assert refused.value.rule == "L24"


def test_a_revoked_account_does_nothing_in_its_open_case(office: Office) -> None:
    case = office.opened()
    ines = office.who("ines")
    office.world.records.accounts.update(replace(ines, revoked_us=NOW_US))
    for act in (
        lambda: office.work.hold(ines, case.id, "gate", LAST_MINUTE, "keep", NOW_US + DAY_US),
        lambda: office.asked(case),
        lambda: office.work.cases(ines, "look"),
        lambda: office.work.close(ines, case.id, "done"),
    ):
        with pytest.raises(Refused):
            act()


def test_nothing_is_done_that_cannot_be_written_down(office: Office) -> None:
    case = office.opened()
    asked = office.asked(case)
    office.world.ledger_full()
    ines, olga = office.who("ines"), office.who("olga")
    for act in (
        lambda: office.opened(),
        lambda: office.work.hold(ines, case.id, "gate", LAST_MINUTE, "keep", NOW_US + DAY_US),
        lambda: office.work.answer(olga, asked.id, True, "needed"),
        lambda: office.work.close(ines, case.id, "done"),
        lambda: office.work.cases(ines, "look"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.rule == "L13"
    office.world.ledger_full(False)
    assert office.world.records.cases.holds(case.id) == []
    assert not office.world.records.cases.unmasking(asked.id).granted
    assert office.world.records.cases.get(case.id).closed_us is None


def test_in_the_lab_a_case_for_trying_opens_by_itself_and_only_there(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        office.work.lab(office.who("ines"), "trying")
    assert refused.value.rule == "L23" and not office.work.may_try(office.who("ines"))
    world = office.world
    lab = Casework(world.records.accounts, world.records.cases, world.ledger, world.site, [b.mandate()], world.clock)
    case = lab.lab(office.who("ines"), "trying")
    assert case.cameras == office.who("ines").territory and case.window.start_us < NOW_US < case.window.end_us
    assert lab.lab(office.who("ines"), "trying").id == case.id
    lab.close(office.who("ines"), case.id, "enough")
    assert lab.lab(office.who("ines"), "trying").id != case.id
