"""A stop: before the next frame, signed, in public, through restarts, and only two people in two roles end it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.world import KEY, World
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused, VitrailError
from vitrail.domain.people import Account, Role
from vitrail.domain.suspensions import Order, OrderKind, SignedOrder
from vitrail.domain.time import SECOND_US
from vitrail.guard.suspension import Suspensions

OFFICER = b.account(id="olga", role=Role.OFFICER)
CONTROLLER = b.account(id="carl", role=Role.ADMINISTRATOR)
OVERSIGHT = Ed25519PrivateKey.from_private_bytes(bytes(reversed(range(32))))


def world(folder: Path, **changes: Any) -> World:
    public = OVERSIGHT.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    opener = FakeOpener(pictures(100), NOW_US, 10.0, 20)
    return World(folder, opener=opener, oversight={"ombudsman": public}, **changes)


def restarted(before: World) -> Suspensions:
    return Suspensions(before.orders, before.ledger, before.clock, KEY, before.site, before.oversight)


def order(**changes: Any) -> SignedOrder:
    given: dict[str, Any] = {
        "kind": OrderKind.SUSPEND,
        "id": "outside-1",
        "site_id": b.site().id,
        "at_us": NOW_US,
        "by": "ombudsman",
        "role": "oversight",
        "reason": "a complaint is being looked into",
    }
    made = Order(**(given | changes))
    public = OVERSIGHT.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return SignedOrder(made, public, OVERSIGHT.sign(made.statement()))


def test_the_next_packet_is_not_analysed_any_more(tmp_path: Path) -> None:
    made = world(tmp_path)
    with made.open() as opened:
        assert opened.permit.analytics
        made.suspensions.suspend(OFFICER, "the mask leaks")
        assert not opened.permit.analytics
        assert not opened.permit.kinds


def test_what_the_mandate_lets_be_recorded_goes_on_being_recorded(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.suspensions.suspend(OFFICER, "the mask leaks")
    with made.open() as opened:
        assert opened.permit.may_record
        kept = [opened.record(packet) for packet in opened.source.packets()]
        assert all(kept)


def test_a_stream_that_is_only_watched_is_refused_and_says_who_stopped_it(tmp_path: Path) -> None:
    watched = b.stream(roles=frozenset({"detect"}))
    made = world(tmp_path, site=b.site(cameras=(b.camera(streams=(watched,)),)))
    made.suspensions.suspend(OFFICER, "the mask leaks")
    with pytest.raises(Refused, match="suspended by olga") as refused:
        made.open()
    assert refused.value.rule == "L08"
    assert not made.opener.opened


def test_one_camera_can_be_stopped_alone(tmp_path: Path) -> None:
    made = world(tmp_path)
    with pytest.raises(Invalid, match="no such camera"):
        made.suspensions.suspend(OFFICER, "the mask leaks", ("elsewhere",))
    made.suspensions.suspend(OFFICER, "the mask leaks", ("gate",))
    (found,) = made.suspensions.active()
    assert found.covers("gate", "presence")
    assert not found.covers("yard", "presence")


def test_a_restart_changes_nothing(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.suspensions.suspend(OFFICER, "the mask leaks")
    (found,) = restarted(made).active()
    assert (found.order.by, found.order.reason) == ("olga", "the mask leaks")


def test_another_process_is_heard_before_the_next_packet(tmp_path: Path) -> None:
    made = world(tmp_path)
    with made.open() as opened:
        assert opened.permit.analytics
        restarted(made).suspend(CONTROLLER, "from the command line")
        assert not opened.permit.analytics


def test_two_people_in_two_roles_resume_it(tmp_path: Path) -> None:
    made = world(tmp_path)
    stopped = made.suspensions.suspend(OFFICER, "the mask leaks").order.id
    made.suspensions.resume(OFFICER, stopped, "it is mended")
    assert made.suspensions.active()
    made.suspensions.resume(CONTROLLER, stopped, "I have seen that it is mended")
    assert not made.suspensions.active()
    with made.open() as opened:
        assert opened.permit.analytics


@pytest.mark.parametrize("second", [OFFICER, b.account(id="otto", role=Role.OFFICER)], ids=["same person", "same role"])
def test_the_same_person_or_role_does_not_count_twice(second: Account, tmp_path: Path) -> None:
    made = world(tmp_path)
    stopped = made.suspensions.suspend(CONTROLLER, "the mask leaks").order.id
    made.suspensions.resume(OFFICER, stopped, "it is mended")
    with pytest.raises(Conflict, match="gave the first order already"):
        made.suspensions.resume(second, stopped, "it is mended")
    assert made.suspensions.active()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.TECHNICIAN, Role.INVESTIGATOR, Role.AUDITOR])
def test_other_roles_neither_stop_nor_resume(role: Role, tmp_path: Path) -> None:
    made = world(tmp_path)
    for ask in (
        lambda: made.suspensions.suspend(b.account(role=role), "a reason"),
        lambda: made.suspensions.resume(b.account(role=role), "x", "a reason"),
    ):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.rule == "L08"
    assert not made.orders.lines()


def test_a_revoked_officer_stops_nothing(tmp_path: Path) -> None:
    made = world(tmp_path)
    with pytest.raises(Refused):
        made.suspensions.suspend(replace(OFFICER, revoked_us=NOW_US - SECOND_US), "a reason")


@pytest.mark.parametrize("reason", ["", "  ", "x"])
def test_an_order_needs_a_reason(reason: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="needs a reason"):
        world(tmp_path).suspensions.suspend(OFFICER, reason)


def test_what_is_over_or_never_was_cannot_be_resumed(tmp_path: Path) -> None:
    made = world(tmp_path)
    stopped = made.suspensions.suspend(OFFICER, "the mask leaks").order.id
    for account in (OFFICER, CONTROLLER):
        made.suspensions.resume(account, stopped, "it is mended")
    with pytest.raises(Conflict, match="over already"):
        made.suspensions.resume(OFFICER, stopped, "once more")
    with pytest.raises(NotFound):
        made.suspensions.resume(OFFICER, "never", "once more")


def test_stopping_and_resuming_stand_in_the_ledger(tmp_path: Path) -> None:
    made = world(tmp_path)
    stopped = made.suspensions.suspend(OFFICER, "the mask leaks").order.id
    made.suspensions.resume(CONTROLLER, stopped, "it is mended")
    said = [(e.actor, e.reason, e.rule) for e in made.entries() if e.target == f"suspension:{stopped}"]
    assert said == [("olga", "the mask leaks", "L08"), ("carl", "it is mended", "L08")]


def test_stopping_does_not_wait_for_a_ledger_that_is_full_but_resuming_does(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.ledger_full()
    with pytest.raises(VitrailError):
        made.suspensions.suspend(OFFICER, "the disk is full and it must stop")
    (found,) = made.suspensions.active()
    with pytest.raises(VitrailError):
        made.suspensions.resume(CONTROLLER, found.order.id, "not yet")
    assert len(made.orders.lines()) == 1


def test_an_oversight_key_stops_from_outside(tmp_path: Path) -> None:
    made = world(tmp_path)
    made.suspensions.accept(SignedOrder.parse(order().line()))
    assert made.suspensions.active()[0].order.by == "ombudsman"
    with pytest.raises(Conflict, match="given already"):
        made.suspensions.accept(order())


@pytest.mark.parametrize(
    "forged",
    [
        replace(order(), signature=bytes(64)),
        replace(order(), order=replace(order().order, reason="something else")),
        order(site_id="another-town"),
        order(by="somebody"),
        order(role="officer"),
    ],
    ids=["no signature", "changed words", "another site", "another name", "another role"],
)
def test_a_forged_order_is_refused(forged: SignedOrder, tmp_path: Path) -> None:
    made = world(tmp_path)
    with pytest.raises(Refused) as refused:
        made.suspensions.accept(forged)
    assert refused.value.rule == "L08"
    assert not made.orders.lines()


@pytest.mark.parametrize("damage", ["no order at all", '{"vitrail": "order 1"}', "forged"])
def test_damaged_orders_stop_everything_rather_than_nothing(damage: str, tmp_path: Path) -> None:
    made = world(tmp_path)
    made.orders.add(damage if damage != "forged" else replace(order(), signature=bytes(64)).line())
    (found,) = made.suspensions.active()
    assert found.covers("gate", "presence")
    assert "line 1 of the orders" in found.order.reason


def test_a_line_taken_out_resumes_nothing_that_is_not_resumed(tmp_path: Path) -> None:
    """Two orders to resume are two lines; with one of them gone the stop stands."""
    made = world(tmp_path)
    stopped = made.suspensions.suspend(OFFICER, "the mask leaks").order.id
    for account in (OFFICER, CONTROLLER):
        made.suspensions.resume(account, stopped, "it is mended")
    path = tmp_path / "orders.jsonl"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert restarted(made).active()
