"""The emergency account: once, for an hour, and never quietly."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.front import Front
from vitrail.domain.errors import Conflict, Invalid, Refused
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Role, Use
from vitrail.domain.time import SECOND_US
from vitrail.guard.accounts import Accounts
from vitrail.guard.emergency import OPEN_US
from vitrail.guard.figures import count

PASSWORD = "in the sealed envelope"
WHY = "smoke on the square, nobody is on duty"


class Night(Front):
    def __post_init__(self) -> None:
        super().__post_init__()
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts(self.world.records.accounts, self.world.ledger, self.world.clock, quick)
        self.world.records.accounts.add(b.account(id="adam", role=Role.ADMINISTRATOR))
        self.world.records.accounts.add(b.account(id="olga", role=Role.OFFICER))
        sealed = b.account(id="glass", emergency=True)
        self.accounts.add(sealed, PASSWORD, by="adam", reason="for the night")


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    night = Night(tmp_path)
    yield night
    night.live.close()


def test_breaking_the_seal_is_written_down_with_its_reason(night: Night) -> None:
    night.accounts.sign_in("glass", PASSWORD, WHY)
    opened = next(e for e in night.world.entries() if e.target == "emergency:glass")
    assert (opened.operation, opened.actor, opened.reason) == (Operation.RULE, "glass", WHY)
    assert night.world.records.accounts.get("glass").broken_us == NOW_US
    assert count(night.world.entries(), 1).uses().emergencies == 1, "the register counts it"


@pytest.mark.parametrize("reason", ["", "fire", "   x    "])
def test_it_opens_only_with_a_reason_in_words(night: Night, reason: str) -> None:
    with pytest.raises(Invalid):
        night.accounts.sign_in("glass", PASSWORD, reason)
    assert night.world.records.accounts.get("glass").broken_us is None


def test_it_is_told_until_an_officer_has_looked_into_it(night: Night) -> None:
    assert night.accounts.emergencies.unreviewed() == []
    night.accounts.sign_in("glass", PASSWORD, WHY)
    assert [a.id for a in night.accounts.emergencies.unreviewed()] == ["glass"]
    for name in ("adam", "marie", "auditor"):
        with pytest.raises(Refused):
            night.accounts.emergencies.review(night.accounts.get(name), "glass", "it was all right")
    with pytest.raises(Invalid):
        night.accounts.emergencies.review(night.accounts.get("olga"), "glass", "ok")
    night.accounts.emergencies.review(night.accounts.get("olga"), "glass", "there was smoke, it was right")
    assert night.accounts.emergencies.unreviewed() == []
    with pytest.raises(Conflict):
        night.accounts.emergencies.review(night.accounts.get("olga"), "glass", "once more I looked")


def test_it_lasts_an_hour_whatever_is_open(night: Night) -> None:
    token, session = night.accounts.sign_in("glass", PASSWORD, WHY)
    assert session.expires_us == NOW_US + OPEN_US
    desk = night.reception.open_desk(night.accounts.get("glass"), Use.REVIEW, WHY)
    assert desk.still(night.alert.id)
    night.world.clock.advance(OPEN_US / SECOND_US / 2)
    _, again = night.accounts.sign_in("glass", PASSWORD, WHY)
    assert again.expires_us == NOW_US + OPEN_US
    night.world.clock.advance(OPEN_US / SECOND_US / 2)
    with pytest.raises(Refused):
        night.accounts.whoami(token)
    with pytest.raises(Refused):
        desk.still(night.alert.id)
    with pytest.raises(Refused) as refused:
        night.accounts.sign_in("glass", PASSWORD, WHY)
    assert "was used" in refused.value.what


def test_it_sees_masked_pictures_and_opens_no_case_no_ledger_and_no_account(night: Night) -> None:
    night.accounts.sign_in("glass", PASSWORD, WHY)
    glass = night.accounts.get("glass")
    for use in (Use.ACCOUNT, Use.ADMINISTER, Use.INQUIRE):
        with pytest.raises(Refused):
            night.reception.open_desk(glass, use, WHY, "case-1")


def test_it_is_an_operators_account_and_nothing_more(night: Night) -> None:
    for role in set(Role) - {Role.OPERATOR}:
        with pytest.raises(Invalid):
            night.accounts.add(replace(b.account(id="g2", emergency=True), role=role), PASSWORD, by="adam", reason="x")
