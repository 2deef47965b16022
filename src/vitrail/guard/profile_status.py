"""What a legal profile says of this country, and whether somebody still stands behind it (law.md L07, L34). Pure."""

__all__ = ["is_stale", "profile_status"]

from collections.abc import Mapping

from vitrail.domain.mandates import LegalProfile
from vitrail.domain.time import iso

_LATE = {
    "en": "Stale: alerts are off until somebody reads it again.",
    "fr": "Périmé : plus d’alerte sans relecture.",
}


def is_stale(profile: LegalProfile, now_us: int) -> bool:
    """Nobody verified it for longer than it allows: alerts are off."""
    return now_us - profile.last_verified_us > profile.stale_after_us


def profile_status(profile: LegalProfile, now_us: int) -> Mapping[str, str]:
    """The sentence that every screen and the register show, by language: banner, date, and staleness."""
    verified = iso(profile.last_verified_us)[:10]
    said = {"en": f"{profile.name}, verified {verified}.", "fr": f"{profile.name}, vérifié le {verified}."}
    late = _LATE if is_stale(profile, now_us) else {}
    return {
        language: " ".join(filter(None, (profile.banner.get(language, ""), text, late.get(language, ""))))
        for language, text in said.items()
    }
