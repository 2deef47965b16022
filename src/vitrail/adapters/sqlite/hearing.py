"""A ``SoundTrace`` as the text of a column: whole decibels, and a place."""

__all__ = ["sound_of", "sound_text"]

import json
from dataclasses import asdict

from vitrail.domain.sound import Located, SoundTrace


def sound_text(sound: SoundTrace | None) -> str | None:
    if sound is None:
        return None
    return json.dumps(asdict(sound), separators=(",", ":"))


def sound_of(text: str | None) -> SoundTrace | None:
    if text is None:
        return None
    said = json.loads(text)
    at = said["located"]
    located = Located(**(at | {"heard_by": tuple(at["heard_by"])})) if at else None
    return SoundTrace(tuple(said["levels_db"]), tuple(said["bands_db"]), located)
