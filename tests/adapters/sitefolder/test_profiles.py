"""The packaged legal profiles."""

import pytest

from vitrail.adapters.sitefolder import profile_ids, read_profile
from vitrail.domain.errors import NotFound
from vitrail.domain.mandates import Mode, Standing
from vitrail.domain.time import DAY_US, iso

KINDS = {"presence", "dwell", "line_crossing", "wrong_way", "crowding", "fight", "graffiti", "damage", "gunshot"}


def test_three_profiles_are_packaged() -> None:
    assert profile_ids() == ("eu", "fr", "lab")


@pytest.mark.parametrize("profile_id", profile_ids())
def test_every_profile_names_every_kind_with_its_source(profile_id: str) -> None:
    profile = read_profile(profile_id)
    assert profile.kinds.keys() >= KINDS
    assert all(rule.source for rule in profile.kinds.values())
    assert profile.kinds.keys() == read_profile("fr").kinds.keys()


@pytest.mark.parametrize("profile_id", profile_ids())
def test_every_profile_speaks_french_and_english(profile_id: str) -> None:
    banner = read_profile(profile_id).banner
    assert banner.keys() == {"fr", "en"}


def test_the_lab_allows_everything_and_nothing_but_the_lab() -> None:
    lab = read_profile("lab")
    assert lab.modes == {Mode.LAB}
    assert {rule.standing for rule in lab.kinds.values()} == {Standing.ALLOWED}
    assert "lab" in lab.banner["en"].lower()


@pytest.mark.parametrize("profile_id", ["fr", "eu"])
def test_no_street_alert_is_allowed_outside_the_lab(profile_id: str) -> None:
    profile = read_profile(profile_id)
    assert Mode.ALERT not in profile.modes
    assert Standing.ALLOWED not in {rule.standing for rule in profile.kinds.values()}
    assert "ot authorised for street alerts in this country" in profile.banner["en"]
    assert "on autorisé pour des alertes de rue dans ce pays" in profile.banner["fr"]


def test_the_french_profile_carries_the_caps_of_the_code() -> None:
    profile = read_profile("fr")
    assert profile.max_retention_us == 30 * DAY_US
    assert profile.max_mandate_us == 1826 * DAY_US
    assert iso(profile.last_verified_us).startswith("2026-11-01")
    assert profile.stale_after_us == 180 * DAY_US


@pytest.mark.parametrize("kind", ["gunshot", "explosion", "glass_breaking", "scream", "siren"])
def test_street_sound_is_forbidden_in_france(kind: str) -> None:
    rule = read_profile("fr").kinds[kind]
    assert rule.standing is Standing.FORBIDDEN
    assert "R.253-1" in rule.source


def test_an_unknown_profile_is_not_found() -> None:
    with pytest.raises(NotFound, match="known: eu, fr, lab"):
        read_profile("be")
