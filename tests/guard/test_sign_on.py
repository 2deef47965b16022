"""The provider proves who somebody is; the account says what they may. A provider in memory, the real guard."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import builders as b
from tests.guard.world import World
from vitrail.domain.errors import Refused, VitrailError
from vitrail.domain.people import Role
from vitrail.domain.sign_on import Errand, Proven, SignOn
from vitrail.domain.time import DAY_US, MINUTE_US
from vitrail.guard.accounts import Accounts
from vitrail.guard.sign_on import SignOns

PASSWORD = "correct horse battery"
SETTINGS = SignOn("City", "https://id.example", "vitrail", "https://console.example", {"room": Role.OPERATOR})


@dataclass
class Directory:
    """Vouches for whomever it is told to."""

    proven: Proven = field(default_factory=lambda: Proven("marie", frozenset({"room"})))

    def begin(self) -> Errand:
        return Errand("https://id.example/go", "state", "nonce", "verifier")

    def finish(self, errand: Errand, answer: str) -> Proven:
        return self.proven


@dataclass
class Door:
    world: World
    accounts: Accounts
    directory: Directory
    sign_ons: SignOns

    def enter(self) -> str:
        ticket = self.sign_ons.begin("night shift", "/alerts")
        return self.sign_ons.finish(ticket.key, "https://console.example/sign-in/back?code=1")[0]


@pytest.fixture
def door(tmp_path: Path) -> Door:
    world = World(tmp_path)
    accounts = Accounts(world.records.accounts, world.ledger, world.clock)
    accounts.first_run(world.site)
    accounts.add(b.account(), PASSWORD, by="first", reason="tests")
    directory = Directory()
    return Door(world, accounts, directory, SignOns(SETTINGS, directory, accounts, world.clock))


def test_a_proven_person_with_an_account_is_signed_in_and_the_ledger_says_so(door: Door) -> None:
    token = door.enter()
    account, session = door.accounts.whoami(token)
    assert (account.id, session.reason) == ("marie", "night shift")
    assert door.world.said()[-1] == "rule done account:marie"


def test_somebody_without_an_account_stays_outside(door: Door) -> None:
    door.directory.proven = Proven("stranger", frozenset({"room"}))
    with pytest.raises(Refused, match="this site does not"):
        door.enter()
    assert door.world.said()[-1] == "rule refused account:unknown"


def test_whoever_left_the_group_of_their_role_is_refused(door: Door) -> None:
    door.directory.proven = Proven("marie", frozenset({"choir"}))
    with pytest.raises(Refused, match="no group with your role"):
        door.enter()
    assert door.world.said()[-1] == "rule refused account:marie"


def test_groups_give_no_role_beyond_the_accounts_own(door: Door) -> None:
    door.accounts.add(b.account(id="olga", role=Role.OFFICER), PASSWORD, by="first", reason="tests")
    door.directory.proven = Proven("olga", frozenset({"room"}))
    with pytest.raises(Refused, match="no group with your role"):
        door.enter()


def test_training_that_ran_out_and_revoking_hold_here_too(door: Door) -> None:
    door.accounts.revoke("marie", by="first", reason="left")
    with pytest.raises(Refused):
        door.enter()


def test_an_emergency_account_is_not_opened_by_a_provider(door: Door) -> None:
    sealed = b.account(id="glass", emergency=True, trained_until_us=b.NOW_US + DAY_US)
    door.accounts.add(sealed, PASSWORD, by="first", reason="tests")
    door.directory.proven = Proven("glass", frozenset({"room"}))
    with pytest.raises(Refused):
        door.enter()


def test_without_a_reason_nobody_is_sent_anywhere(door: Door) -> None:
    with pytest.raises(Refused, match="no reason"):
        door.sign_ons.begin("  ", "/")


def test_an_answer_is_taken_once_and_not_after_ten_minutes(door: Door) -> None:
    ticket = door.sign_ons.begin("night shift", "/")
    door.sign_ons.finish(ticket.key, "back")
    with pytest.raises(Refused, match="begun elsewhere"):
        door.sign_ons.finish(ticket.key, "back")
    late = door.sign_ons.begin("night shift", "/")
    door.world.clock.advance(11 * MINUTE_US)
    with pytest.raises(Refused, match="took too long"):
        door.sign_ons.finish(late.key, "back")


def test_many_who_never_come_back_push_out_only_the_oldest(door: Door) -> None:
    first = door.sign_ons.begin("night shift", "/")
    for _ in range(512):
        last = door.sign_ons.begin("night shift", "/")
    with pytest.raises(VitrailError):
        door.sign_ons.finish(first.key, "back")
    assert door.sign_ons.finish(last.key, "back")[1] == "/"
