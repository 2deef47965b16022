"""What machines may do: the table of refusals, each with its rule, and the permits that are given."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.analytics import Maturity
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Mode, Permit, Rule, Standing
from vitrail.domain.streams import DwellingMasks
from vitrail.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Hours, Interval
from vitrail.guard import decide

OFFICIAL = {"mode": Mode.ALERT}


def ask(
    camera: Any = None,
    stream: Any = None,
    mandates: Any = None,
    profile: Any = None,
    manifests: Any = None,
    now_us: int = NOW_US,
) -> Permit | Refused:
    camera = camera or b.camera()
    made = [b.analytic()] if manifests is None else manifests
    law = decide.Law(
        tuple([b.mandate()] if mandates is None else mandates), profile or b.profile(), {m.id: m for m in made}
    )
    return decide.permit(camera, stream or camera.streams[0], law, now_us)


def given_permit(**asked: Any) -> Permit:
    answer = ask(**asked)
    assert isinstance(answer, Permit), answer
    return answer


def unreviewed(**changes: str) -> Any:
    return b.camera(dwellings=DwellingMasks(**({"reviewed_by": "A. Officer", "reviewed_on": "2026-11-01"} | changes)))


def standing(which: Standing) -> Any:
    return b.profile(kinds={"presence": Rule(which, "a law, article 2")})


def mandates(**changes: Any) -> list[Any]:
    """Without recording, so that a refused analytic leaves nothing to do."""
    return [b.mandate(**({"recording": frozenset()} | changes))]


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "nobody reviewed the masks": ("L17", {"camera": unreviewed(reviewed_by=" ")}),
    "nobody wrote when the masks were reviewed": ("L17", {"camera": unreviewed(reviewed_on="")}),
    "no mandate at all": ("L01", {"mandates": []}),
    "no mandate for this camera": (
        "L01",
        {"mandates": [b.mandate(matrix=frozenset({("yard", "presence", "closed-yard")}), recording=frozenset())]},
    ),
    "a decision without its body": ("L01", {"mandates": [b.mandate(decision=b.decree(body=""))]}),
    "a decision without its number": ("L01", {"mandates": [b.mandate(decision=b.decree(number=" "))]}),
    "a decision without its date": ("L01", {"mandates": [b.mandate(decision=b.decree(date=""))]}),
    "a decision that nobody can read": ("L01", {"mandates": [b.mandate(decision=b.decree(url=""))]}),
    "a decision not bound to its text": ("L01", {"mandates": [b.mandate(decision=b.decree(sha256=""))]}),
    "no supplier": ("L01", {"mandates": [b.mandate(supplier="")]}),
    "no cost": ("L01", {"mandates": [b.mandate(cost="")]}),
    "no controller": ("L01", {"mandates": [b.mandate(controller="")]}),
    "no legal basis": ("L01", {"mandates": [b.mandate(legal_basis="")]}),
    "not yet in force": ("L07", {"mandates": [b.mandate(valid=Interval(NOW_US + 1, NOW_US + DAY_US))]}),
    "ended at this very moment": ("L07", {"mandates": [b.mandate(valid=Interval(NOW_US - DAY_US, NOW_US))]}),
    "outside its hours": ("L07", {"mandates": [b.mandate(hours=Hours(("mon",), 13 * 60, 20 * 60))]}),
    "a mode the profile does not know": ("L07", {"mandates": [b.mandate(mode=Mode.INQUIRY)]}),
    "a mandate that runs too long": (
        "L07",
        {"mandates": [b.mandate(**OFFICIAL)], "profile": b.profile(max_mandate_us=30 * DAY_US)},
    ),
    "kept for 31 days": ("L15", {"mandates": [b.mandate(retention_us=31 * DAY_US)]}),
    "kept for no time": ("L15", {"mandates": [b.mandate(retention_us=0)]}),
    "two mandates at once": ("L04", {"mandates": [b.mandate(), b.mandate(id="second")]}),
    "an analytic that does not exist": ("L04", {"mandates": mandates(), "manifests": []}),
    "an analytic that the matrix does not list": (
        "L04",
        {"mandates": mandates(matrix=frozenset({("gate", "dwell", "closed-yard")}))},
    ),
    "a pair listed for another purpose": (
        "L04",
        {"mandates": mandates(matrix=frozenset({("gate", "presence", "other")}))},
    ),
    "a purpose that the mandate does not declare": ("L03", {"mandates": mandates(purposes=())}),
    "a purpose outside the closed list": (
        "L03",
        {"mandates": mandates(purposes=(b.purpose(objective="security"),))},
    ),
    "evaluation outside lab": (
        "L03",
        {"mandates": mandates(purposes=(b.purpose(objective="evaluation"),), **OFFICIAL)},
    ),
    "a purpose the analytic may not serve": (
        "L03",
        {"mandates": mandates(purposes=(b.purpose(objective="traffic_planning"),))},
    ),
    "an analytic for the lab outside it": (
        "L29",
        {"mandates": mandates(**OFFICIAL), "manifests": [b.analytic(maturity=Maturity.LAB)]},
    ),
    "counts of an analytic for the lab": (
        "L29",
        {"mandates": mandates(mode=Mode.STATISTICS), "manifests": [b.analytic(maturity=Maturity.LAB)]},
    ),
    "a kind the profile forbids": (
        "L07",
        {"mandates": mandates(**OFFICIAL), "profile": standing(Standing.FORBIDDEN)},
    ),
    "a kind the profile knows to be unknown": (
        "L07",
        {"mandates": mandates(**OFFICIAL), "profile": standing(Standing.UNKNOWN)},
    ),
    "a kind the profile does not mention": ("L07", {"mandates": mandates(**OFFICIAL), "profile": b.profile(kinds={})}),
    "a stale profile": (
        "L07",
        {"mandates": mandates(**OFFICIAL), "profile": b.profile(last_verified_us=NOW_US - 181 * DAY_US)},
    ),
    "an inquiry runs no live analytic": (
        "L07",
        {"mandates": mandates(mode=Mode.INQUIRY), "profile": b.profile(modes=frozenset(Mode))},
    ),
    "statistics from what makes no counts": (
        "L16",
        {"mandates": mandates(mode=Mode.STATISTICS), "manifests": [b.analytic(readings=frozenset())]},
    ),
    "recording that the mandate does not list": (
        "L04",
        {"mandates": mandates(), "stream": b.stream(roles=frozenset({"record"}))},
    ),
    "recording in statistics mode": (
        "L16",
        {"mandates": [b.mandate(mode=Mode.STATISTICS)], "stream": b.stream(roles=frozenset({"record"}))},
    ),
    "nothing to do": ("L04", {"mandates": mandates(), "camera": b.camera(analytics=())}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_the_rule_and_a_remedy(name: str) -> None:
    rule, asked = REFUSED[name]
    answer = ask(**asked)
    assert isinstance(answer, Refused)
    assert answer.rule == rule, answer
    assert answer.what and answer.where and answer.remedy


def test_in_lab_an_analytic_for_the_lab_runs() -> None:
    assert given_permit(manifests=[b.analytic(maturity=Maturity.LAB)]).analytics == {"presence"}


def test_a_permissive_mandate_permits_what_it_lists_and_no_more() -> None:
    permit = given_permit()
    assert permit == Permit(
        mandate_id="try-out",
        mode=Mode.LAB,
        camera_id="gate",
        stream_id="gate-main",
        analytics=frozenset({"presence"}),
        may_record=True,
        may_picture=True,
        retention_us=72 * HOUR_US,
        valid=Interval(NOW_US, NOW_US + 2 * SECOND_US),
        kinds=frozenset({"presence"}),
        readings=frozenset({"people"}),
    )


def test_in_lab_mode_an_unknown_kind_and_a_stale_profile_do_not_matter() -> None:
    bare = b.profile(kinds={}, modes=frozenset(), last_verified_us=0)
    assert given_permit(profile=bare).kinds == {"presence"}


def test_in_alert_mode_only_allowed_kinds_may_become_alerts() -> None:
    two = b.analytic(kinds=frozenset({"presence", "climbing"}))
    assert given_permit(mandates=[b.mandate(**OFFICIAL)], manifests=[two]).kinds == {"presence"}


def test_a_stale_profile_turns_alerts_off_and_leaves_the_recording() -> None:
    old = b.profile(last_verified_us=NOW_US - 181 * DAY_US)
    permit = given_permit(mandates=[b.mandate(**OFFICIAL)], profile=old)
    assert (permit.analytics, permit.kinds, permit.may_record) == (frozenset(), frozenset(), True)


def test_statistics_mode_gives_counts_no_alert_and_no_recording() -> None:
    permit = given_permit(mandates=[b.mandate(mode=Mode.STATISTICS)])
    assert (permit.kinds, permit.readings, permit.may_record) == (frozenset(), {"people"}, False)


def test_evaluation_serves_every_analytic_in_lab() -> None:
    permit = given_permit(mandates=[b.mandate(purposes=(b.purpose(objective="evaluation"),))])
    assert permit.analytics == {"presence"}


def test_one_refused_setting_of_an_analytic_takes_the_whole_analytic_out() -> None:
    camera = b.camera(analytics=(b.setting(), b.setting(purpose="unlisted")))
    permit = given_permit(camera=camera)
    assert (permit.analytics, permit.kinds) == (frozenset(), frozenset())


def test_a_stream_that_is_only_recorded_gets_no_analytic() -> None:
    permit = given_permit(stream=b.stream(roles=frozenset({"record"})))
    assert (permit.analytics, permit.may_record) == (frozenset(), True)


def test_a_stream_that_is_only_watched_is_not_recorded() -> None:
    assert not given_permit(stream=b.stream(roles=frozenset({"detect"}))).may_record


def test_of_several_mandates_the_one_in_force_counts() -> None:
    ended = b.mandate(id="ended", valid=Interval(0, NOW_US))
    assert given_permit(mandates=[ended, b.mandate(id="running")]).mandate_id == "running"


def test_mandates_for_different_hours_take_turns() -> None:
    day = b.mandate(id="day", hours=Hours(("mon",), 8 * 60, 20 * 60))
    night = b.mandate(id="night", hours=Hours(("mon",), 20 * 60, 8 * 60))
    assert given_permit(mandates=[day, night]).mandate_id == "day"
    assert given_permit(mandates=[day, night], now_us=NOW_US + 9 * HOUR_US).mandate_id == "night"


def test_a_permit_never_outlives_its_mandate() -> None:
    ending = b.mandate(valid=Interval(NOW_US - DAY_US, NOW_US + SECOND_US))
    assert given_permit(mandates=[ending]).valid.end_us == NOW_US + SECOND_US


def test_a_permit_never_outlives_the_hours() -> None:
    hours = b.mandate(hours=Hours(("mon",), 8 * 60, 12 * 60 + 1))
    late_us = NOW_US + MINUTE_US - SECOND_US
    assert given_permit(mandates=[hours], now_us=late_us).valid.end_us == NOW_US + MINUTE_US
    assert isinstance(ask(mandates=[hours], now_us=NOW_US + MINUTE_US), Refused)


@given(st.integers(-2 * DAY_US, 40 * DAY_US), st.integers(0, 23), st.integers(1, 24))
def test_every_moment_of_every_permit_lies_inside_mandate_and_hours(shift_us: int, start: int, end: int) -> None:
    hours = Hours(("mon", "wed", "sat"), start * 60, end * 60, "Europe/Paris")
    mandate = b.mandate(hours=hours)
    answer = ask(mandates=[mandate], now_us=NOW_US + shift_us)
    if isinstance(answer, Permit):
        last_us = answer.valid.end_us - 1
        assert answer.valid.start_us == NOW_US + shift_us
        assert 0 < answer.valid.length_us <= decide.PERMIT_US
        assert mandate.valid.holds(last_us) and hours.hold(last_us)
    else:
        assert answer.rule == "L07"
        assert not (mandate.valid.holds(NOW_US + shift_us) and hours.hold(NOW_US + shift_us))


def test_all_refusals_of_a_site_are_told_at_once() -> None:
    yard = b.camera(id="yard", streams=(b.stream(id="yard-main", camera_id="yard"),))
    blind = b.camera(id="blind", dwellings=DwellingMasks("", ""), streams=(b.stream(id="x", camera_id="blind"),))
    odd = b.camera(analytics=(b.setting(), b.setting(analytic_id="nothing")))
    law = decide.Law(
        (b.mandate(recording=frozenset(), **OFFICIAL),),
        b.profile(),
        {"presence": b.analytic(kinds=frozenset({"presence", "climbing"}))},
    )
    found = decide.refusals(b.site(cameras=(odd, yard, blind)), law, NOW_US)
    assert [(r.rule, r.where.split(",")[0]) for r in found] == [
        ("L04", "camera gate"),  # recording is not listed
        ("L07", "camera gate"),  # climbing is unknown
        ("L04", "camera gate"),  # no such analytic
        ("L01", "stream yard-main"),
        ("L17", "stream x"),
    ]


def test_a_site_in_order_has_no_refusals() -> None:
    law = decide.Law((b.mandate(),), b.profile(), {"presence": b.analytic()})
    assert decide.refusals(b.site(), law, NOW_US) == []


def test_the_same_question_always_gets_the_same_answer() -> None:
    assert ask() == ask()
    first, second = ask(mandates=[]), ask(mandates=[])
    assert isinstance(first, Refused) and isinstance(second, Refused) and str(first) == str(second)
    assert replace(given_permit()) == given_permit()
