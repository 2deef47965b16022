"""Individual accounts: who may sign in, and what is written down about it."""

import threading
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from tests.fakes.records import MemoryRecords
from tests.guard.world import KEY
from vitrail.domain.errors import Conflict, Invalid, Refused
from vitrail.domain.people import Role
from vitrail.domain.time import DAY_US, HOUR_US
from vitrail.guard.accounts import SESSION_US, Accounts, PasswordHasher
from vitrail.guard.doorstep import Doorstep, Strangers
from vitrail.guard.ledger import Ledger

PASSWORD = "correct horse battery"


class House:
    """Accounts over fakes, with argon2id at its cheapest setting: the tests are about who, not about how long."""

    def __init__(self) -> None:
        self.records = MemoryRecords()
        self.clock = FakeClock()
        self.ledger = Ledger(self.records.ledger, self.clock, KEY)
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.accounts = Accounts(self.records.accounts, self.ledger, self.clock, cheap)
        self.first, self.password = self.accounts.first_run(b.site()) or (None, "")

    def add(self, **changes: Any) -> Any:
        return self.accounts.add(b.account(**changes), PASSWORD, by="first", reason="a new colleague")

    def said(self) -> list[str]:
        entries = [stored.entry for stored in self.ledger.entries(0, self.ledger.size)]
        return [f"{e.actor}: {e.operation.value} {e.outcome.value} {e.target} {e.rule}".strip() for e in entries]


@pytest.fixture
def house() -> House:
    return House()


def refused(house: House, account_id: str = "marie", password: str = PASSWORD) -> Refused:
    with pytest.raises(Refused) as caught:
        house.accounts.sign_in(account_id, password, "round of the morning")
    assert caught.value.rule == "L23"
    return caught.value


def test_the_first_account_is_made_once_with_a_password_shown_once(house: House) -> None:
    assert house.first is not None
    assert (house.first.role, house.first.territory) == (Role.ADMINISTRATOR, {"gate"})
    assert len(house.password) >= 20
    assert house.password not in house.first.password_hash
    assert house.first.password_hash.startswith("$argon2id$")
    assert house.accounts.first_run(b.site()) is None
    assert house.accounts.sign_in("first", house.password, "first look")[1].account_id == "first"
    assert House().password != house.password


def test_signing_in_gives_a_token_of_which_only_the_hash_is_kept(house: House) -> None:
    house.add()
    token, session = house.accounts.sign_in("marie", PASSWORD, "  round of the morning ")
    assert len(token) >= 43, "256 bits"
    assert token not in str(house.records.accounts.sessions)
    assert (session.reason, session.expires_us) == ("round of the morning", NOW_US + SESSION_US)
    account, again = house.accounts.whoami(token)
    assert (account.id, again) == ("marie", session)
    assert house.accounts.sign_in("marie", PASSWORD, "again")[0] != token


def test_signing_in_is_written_down_without_the_password(house: House) -> None:
    house.add()
    house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    refused(house, password="wrong horse battery")
    assert house.said()[-2:] == ["marie: rule done account:marie", "marie: rule refused account:marie L23"]
    everything = b"".join(row[0] for row in house.records.ledger.rows)
    assert b"horse" not in everything and house.password.encode() not in everything


def test_wrong_name_and_wrong_password_are_not_told_apart(house: House) -> None:
    house.add()
    assert str(refused(house, password="wrong")) == str(refused(house, account_id="nobody"))


def test_a_name_nobody_has_is_not_written_down(house: House) -> None:
    refused(house, account_id="my secret password")
    assert house.said()[-1] == "unknown: rule refused account:unknown L23"


def test_an_unknown_name_costs_a_password_check_all_the_same() -> None:
    """Constant answer time, tested by what is done: one check of the same cost for known and unknown names."""
    checked: list[str] = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            checked.append(str(hash).rsplit("$", 2)[0])
            return super().verify(hash, password)

    records, clock = MemoryRecords(), FakeClock()
    hasher = Watched(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(records.accounts, Ledger(records.ledger, clock, KEY), clock, hasher)
    accounts.first_run(b.site())
    for name in ("first", "nobody"):
        with pytest.raises(Refused):
            accounts.sign_in(name, "wrong", "a test")
    assert len(checked) == 2 and checked[0].split("$")[:4] == checked[1].split("$")[:4]


def test_a_revoked_account_is_out_at_once(house: House) -> None:
    house.add()
    token, _ = house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    house.accounts.revoke("marie", by="first", reason="left the service")
    with pytest.raises(Refused):
        house.accounts.whoami(token)
    assert "revoked" in refused(house).what
    assert house.said()[-3:] == [
        "first: change opened account:marie",
        "first: change done account:marie",
        "marie: rule refused account:marie L23",
    ]


def test_training_that_ran_out_is_refused_and_written_down(house: House) -> None:
    house.add(trained_until_us=NOW_US + DAY_US)
    token, _ = house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    house.clock.advance(24 * 3600)
    with pytest.raises(Refused):
        house.accounts.whoami(token)
    assert "training" in refused(house).what
    assert house.said()[-1] == "marie: rule refused account:marie L23"


def test_a_session_ends_by_itself_and_on_signing_out(house: House) -> None:
    house.add()
    token, _ = house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    house.accounts.sign_out(token)
    house.accounts.sign_out("never given out")
    with pytest.raises(Refused):
        house.accounts.whoami(token)
    token, _ = house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    house.clock.advance(SESSION_US / 1e6 - 1)
    house.accounts.whoami(token)
    house.clock.advance(1)
    with pytest.raises(Refused):
        house.accounts.whoami(token)


def test_sessions_past_their_end_are_cleared_when_somebody_signs_in(house: House) -> None:
    house.add()
    house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    house.clock.advance(SESSION_US / 1e6 + 1)
    house.accounts.sign_in("marie", PASSWORD, "round of the evening")
    assert len(house.records.accounts.sessions) == 1


def test_after_five_failures_a_name_waits_longer_each_time(house: House) -> None:
    house.add()
    for _ in range(5):
        assert "wrong" in refused(house, password="guess").what
    assert "too many" in refused(house).what, "also with the right password"
    entries = house.ledger.size
    refused(house)
    assert house.ledger.size == entries, "waiting is written down once"
    house.clock.advance(61)
    assert "wrong" in refused(house, password="guess").what
    assert refused(house).remedy == "wait 2 minutes"
    house.clock.advance(121)
    house.accounts.sign_in("marie", PASSWORD, "at last")
    refused(house, password="guess")
    house.accounts.sign_in("marie", PASSWORD, "once more")


def test_names_that_exist_and_names_that_do_not_wait_alike(house: House) -> None:
    house.add()
    for name in ("marie", "nobody"):
        told = [str(refused(house, account_id=name, password="guess")) for _ in range(8)]
        assert ["too many" in line for line in told] == [False] * 5 + [True] * 3


def test_guessing_one_name_does_not_lock_out_another(house: House) -> None:
    house.add()
    for i in range(30):
        refused(house, account_id=f"nobody-{i}", password="guess")
    house.accounts.sign_in("marie", PASSWORD, "round of the morning")


def test_a_flood_of_invented_names_does_not_flood_the_ledger(house: House) -> None:
    for i in range(200):
        refused(house, account_id=f"nobody-{i}")
    flood = [line for line in house.said() if line.startswith("unknown")]
    assert len(flood) == 20
    house.clock.advance(61)
    refused(house, account_id="one-more")
    assert house.ledger.entry(house.ledger.size - 1).entry.detail == "180 more since the entry before"


def test_only_an_administrator_changes_accounts(house: House) -> None:
    house.add()
    house.add(id="paul", role=Role.AUDITOR)
    for by in ("marie", "paul", "nobody", "vitrail"):
        with pytest.raises(Refused) as caught:
            house.accounts.add(b.account(id="eve"), PASSWORD, by=by, reason="a friend")
        assert caught.value.rule == "L23"
        with pytest.raises(Refused):
            house.accounts.revoke("first", by=by, reason="mutiny")
    house.accounts.revoke("marie", by="marie", reason="I leave")


def test_a_revoked_administrator_changes_nothing(house: House) -> None:
    house.add(id="chief", role=Role.ADMINISTRATOR)
    house.accounts.revoke("first", by="chief", reason="handed over")
    with pytest.raises(Refused):
        house.add()


def test_an_id_is_given_once(house: House) -> None:
    house.add()
    with pytest.raises(Conflict):
        house.add(name="Another Marie")
    assert house.said()[-1] == "first: change failed account:marie"


@pytest.mark.parametrize("password", ["", "short", "x" * 513])
def test_passwords_too_short_or_too_long_are_invalid(house: House, password: str) -> None:
    with pytest.raises(Invalid):
        house.accounts.add(b.account(), password, by="first", reason="a new colleague")


def test_a_password_is_changed_by_who_knows_the_old_one(house: House) -> None:
    house.add()
    token, _ = house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    with pytest.raises(Refused):
        house.accounts.change_password("marie", "guess", "a better password")
    house.accounts.change_password("marie", PASSWORD, "a better password")
    with pytest.raises(Refused):
        house.accounts.whoami(token)
    refused(house)
    house.accounts.sign_in("marie", "a better password", "round of the morning")


def test_a_ledger_that_cannot_be_written_lets_nobody_in(house: House) -> None:
    house.add()
    house.records.ledger.full = True
    with pytest.raises(Refused) as caught:
        house.accounts.sign_in("marie", PASSWORD, "round of the morning")
    assert caught.value.rule == "L13"
    assert house.records.accounts.sessions == {}
    with pytest.raises(Refused):
        house.add(id="paul")
    assert [a.id for a in house.records.accounts.every()] == ["first", "marie"]


def test_a_first_run_that_cannot_be_written_down_makes_no_account() -> None:
    records, clock = MemoryRecords(), FakeClock()
    accounts = Accounts(records.accounts, Ledger(records.ledger, clock, KEY), clock)
    records.ledger.full = True
    with pytest.raises(Refused):
        accounts.first_run(b.site())
    assert records.accounts.every() == []


def test_a_damaged_password_hash_lets_nobody_in(house: House) -> None:
    house.add()
    house.records.accounts.update(b.account(password_hash="damaged"))
    refused(house)


def test_the_doorstep_forgets_after_an_hour() -> None:
    step = Doorstep()
    for _ in range(4):
        step.failed("marie", NOW_US)
    later_us = NOW_US + HOUR_US + 1
    step.failed("marie", later_us)
    assert not step.waits_us("marie", later_us).must_wait


def test_the_doorstep_waits_a_quarter_of_an_hour_at_most() -> None:
    step = Doorstep()
    for _ in range(60):
        step.failed("marie", NOW_US)
    assert step.waits_us("marie", NOW_US).minutes == 15


def test_the_doorstep_counts_right_from_many_threads() -> None:
    step = Doorstep()
    threads = [threading.Thread(target=lambda: [step.failed(str(i), NOW_US) for i in range(5)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert all(step.waits_us(str(i), NOW_US).must_wait for i in range(5))


def test_strangers_are_told_again_after_a_quiet_hour() -> None:
    strangers = Strangers()
    assert [strangers.failed(NOW_US) for _ in range(21)] == [""] * 20 + [None]
    assert strangers.failed(NOW_US + 2 * HOUR_US) == "1 more since the entry before"
    assert strangers.failed(NOW_US + 2 * HOUR_US) == ""


@pytest.mark.parametrize("name", ["vitrail", "erased"])
def test_nobody_is_called_what_the_ledger_calls_the_system_itself(house: House, name: str) -> None:
    with pytest.raises(Invalid, match="the system's own"):
        house.add(id=name)
