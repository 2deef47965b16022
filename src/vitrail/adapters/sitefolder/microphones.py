"""``microphones:`` of ``site.yaml``. A microphone names no camera and none of what is drawn on pictures (L18)."""

__all__ = ["read_microphones"]

from collections.abc import Mapping, Sequence
from pathlib import Path as FilePath

from vitrail.adapters.sitefolder.addresses import BadAddress, read_address
from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.settings import SettingReader
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.site_shape import MicrophoneShape, SoundStreamShape
from vitrail.domain.streams import MapPosition, Microphone, SoundStream

CARD = "card:"
_CARD_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:=")


def read_microphones(
    report: Report, rows: Sequence[object], folder: FilePath, environ: Mapping[str, str], settings: SettingReader
) -> tuple[Microphone, ...]:
    """Those without a problem; every problem is said."""
    found = []
    for index, row in enumerate(rows):
        path: Path = ("microphones", index)
        shell = {**row, "analytics": []} if isinstance(row, dict) and isinstance(row.get("analytics"), list) else row
        shape = report.shape(MicrophoneShape, shell, path)
        heard = settings.settings(row, path) if isinstance(row, dict) else ()
        stream = _stream(report, shape, path, folder, environ) if shape else None
        if shape and stream:
            position = shape.position
            at = MapPosition(position.latitude, position.longitude) if position else None
            found.append(Microphone(shape.id, shape.name, stream, shape.surroundings, at, heard))
    return tuple(found)


def _stream(
    report: Report, shape: MicrophoneShape, path: Path, folder: FilePath, environ: Mapping[str, str]
) -> SoundStream | None:
    said = shape.stream
    try:
        text, label = _address(said, folder, environ)
    except BadAddress as error:
        report.say((*path, "stream", "address"), error.what, error.remedy)
        return None
    return SoundStream(f"{shape.id}.sound", shape.id, text, said.label or label, said.channel, said.loop)


def _address(said: SoundStreamShape, folder: FilePath, environ: Mapping[str, str]) -> tuple[str, str]:
    if not said.address.startswith(CARD):
        read = read_address(said.address, folder, environ)
        return read.text, read.label
    card = said.address.removeprefix(CARD)
    if not card or not _CARD_LETTERS.issuperset(card):
        raise BadAddress(f"`{card}` names no sound card", "write card:default, or card:hw:1,0 as `arecord -l` lists it")
    return said.address, said.address
