"""The reception: who gets a desk, for what, and what is written down of it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.front import MARIE, Front
from vitrail.domain.errors import Refused
from vitrail.domain.ledger import Outcome
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Account, Role, Use
from vitrail.domain.time import SECOND_US
from vitrail.guard.admit import GRANT_US


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    front = Front(tmp_path)
    yield front
    front.live.close()


def test_a_desk_is_opened_under_a_written_grant(front: Front) -> None:
    before = len(front.world.entries())
    desk = front.desk(reason="the night shift")
    assert (desk.grant.account_id, desk.grant.use, desk.grant.reason) == ("marie", Use.REVIEW, "the night shift")
    assert desk.grant.scope.cameras == {"gate"}
    assert desk.grant.expires_us == NOW_US + GRANT_US
    (entry,) = front.since(before)
    assert (entry.outcome, entry.actor, entry.target) == (Outcome.DONE, "marie", "desk:review")
    assert (entry.reason, entry.detail) == ("the night shift", "granted to the role operator; cameras gate")


def test_asking_again_gives_the_same_grant_and_writes_no_second_entry(front: Front) -> None:
    first = front.desk().grant
    before = len(front.world.entries())
    front.world.clock.advance(GRANT_US / SECOND_US - 1)
    assert front.desk().grant is first
    assert front.since(before) == []


def test_a_grant_that_ran_out_is_given_anew_and_written_down(front: Front) -> None:
    first = front.desk().grant
    before = len(front.world.entries())
    front.world.clock.advance(GRANT_US / SECOND_US)
    second = front.desk().grant
    assert second.expires_us == first.expires_us + GRANT_US
    assert [e.target for e in front.since(before)] == ["desk:review"]


@pytest.mark.parametrize(
    "other", [{"reason": "another look"}, {"account_id": "both"}, {"account_id": "auditor", "use": Use.ACCOUNT}]
)
def test_another_person_use_or_reason_is_another_grant(front: Front, other: dict[str, Any]) -> None:
    first = front.desk().grant
    before = len(front.world.entries())
    assert front.desk(**other).grant is not first
    assert len(front.since(before)) == 1
    assert front.desk().grant is first


def test_another_case_is_another_grant(front: Front) -> None:
    first = front.reception.open_desk(MARIE, Use.REVIEW, "a test looks").grant
    assert front.reception.open_desk(MARIE, Use.REVIEW, "a test looks", "case-7").grant.case_id == "case-7"
    assert first.case_id is None


def test_a_changed_territory_is_another_grant(front: Front) -> None:
    first = front.desk().grant
    accounts = front.world.records.accounts
    accounts.update(replace(accounts.get("marie"), territory=frozenset({"gate", "gate-2"})))
    assert front.desk().grant.scope.cameras == {"gate", "gate-2"} != first.scope.cameras


def without_a_reason(account: Account) -> Account:
    return account


def revoked(account: Account) -> Account:
    return replace(account, revoked_us=NOW_US)


def untrained(account: Account) -> Account:
    return replace(account, trained_until_us=NOW_US)


def technician(account: Account) -> Account:
    return replace(account, role=Role.TECHNICIAN)


def without_territory(account: Account) -> Account:
    return replace(account, territory=frozenset({"elsewhere"}))


@pytest.mark.parametrize(
    ("change", "reason", "rule"),
    [
        (without_a_reason, "  a ", "L13"),
        (revoked, "a test looks", "L23"),
        (untrained, "a test looks", "L23"),
        (technician, "a test looks", "L23"),
        (without_territory, "a test looks", "L23"),
    ],
)
def test_who_may_not_gets_no_desk_and_it_is_written_down(front: Front, change: Any, reason: str, rule: str) -> None:
    """Decided on the account as it is in the records now: the caller still holds the old one, and a grant."""
    front.desk()
    front.world.records.accounts.update(change(MARIE))
    before = len(front.world.entries())
    with pytest.raises(Refused) as refused:
        front.reception.open_desk(MARIE, Use.REVIEW, reason)
    assert refused.value.rule == rule
    assert refused.value.remedy
    (entry,) = front.since(before)
    assert (entry.outcome, entry.rule, entry.target) == (Outcome.REFUSED, rule, "desk:review")
    assert (entry.actor, entry.reason, entry.detail) == ("marie", reason, refused.value.what)


def test_somebody_unknown_gets_no_desk_and_it_is_written_down(front: Front) -> None:
    with pytest.raises(Refused):
        front.reception.open_desk(b.account(id="nobody"), Use.REVIEW, "a test looks")
    last = front.world.entries()[-1]
    assert (last.actor, last.outcome, last.rule) == ("nobody", Outcome.REFUSED, "L23")


def test_a_forged_account_changes_nothing(front: Front) -> None:
    forged = replace(MARIE, role=Role.AUDITOR, territory=frozenset({"gate", "gate-2"}))
    with pytest.raises(Refused):
        front.reception.open_desk(forged, Use.ACCOUNT, "a test looks")
    assert front.reception.open_desk(forged, Use.REVIEW, "a test looks").grant.scope.cameras == {"gate"}


def test_no_ledger_no_desk(front: Front) -> None:
    front.world.ledger_full()
    for reason in ("a test looks", "x"):
        with pytest.raises(Refused) as refused:
            front.desk(reason=reason)
        assert refused.value.rule == "L13"
    front.world.ledger_full(False)
    before = len(front.world.entries())
    front.desk()
    assert len(front.since(before)) == 1  # the grant that could not be written was not remembered


def test_menus_ask_without_reading_or_writing(front: Front) -> None:
    before = len(front.world.entries())
    assert front.reception.may(MARIE, Use.REVIEW)
    assert not front.reception.may(MARIE, Use.ACCOUNT)
    assert not front.reception.may(replace(MARIE, role=Role.TECHNICIAN), Use.REVIEW)
    assert front.since(before) == []


def test_an_administrator_opens_pictures_in_lab_only(front: Front) -> None:
    boss = b.account(id="boss", role=Role.ADMINISTRATOR)
    front.world.records.accounts.add(boss)
    assert front.desk("boss").grant.use is Use.REVIEW
    lawful = front.opened_reception(mandates=[replace(front.world.mandates[0], mode=Mode.ALERT)])
    with pytest.raises(Refused) as refused:
        lawful.open_desk(boss, Use.REVIEW, "a test looks")
    assert refused.value.rule == "L23"
