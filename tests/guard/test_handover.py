"""The ledger leaves like everything else: decided, and written down before and after."""

from pathlib import Path

import pytest

from tests.console.desk import Console
from vitrail.domain.errors import Refused
from vitrail.domain.people import Role
from vitrail.guard.handover import handed_over


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR])
def test_those_who_account_for_it_take_it_and_that_is_written_down(role: Role, tmp_path: Path) -> None:
    console = Console(tmp_path)
    console.member(role)
    account, rooms = console.accounts.get(role.value), console.app.state.rooms
    with handed_over(rooms.parts.reception, console.world.ledger, account, "ledger", "an inspection"):
        assert console.world.said()[-1] == "communicate opened ledger"
    assert console.world.said()[-1] == "communicate done ledger"
    console.close()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.TECHNICIAN])
def test_others_are_refused_before_anything_leaves(role: Role, tmp_path: Path) -> None:
    console = Console(tmp_path)
    console.member(role)
    account, rooms = console.accounts.get(role.value), console.app.state.rooms
    left = False
    with pytest.raises(Refused), handed_over(rooms.parts.reception, console.world.ledger, account, "ledger", "why not"):
        left = True
    assert not left
    assert not [line for line in console.world.said() if line.startswith("communicate")]
    console.close()
