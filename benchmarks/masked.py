"""What masking costs: four live tiles on one core, and masked copies of a busy camera on all.

Tiles: four cameras (a real recording with people as 720p25 H.264 with grain) in one house pinned to one core, each
watched by somebody who takes every picture; how many masked pictures a second each gets, the slowest counts. Export: a
masked copy of a minute of the same recording as 1080p25, as a clip is made for an operator, against decoding it and
encoding it again and nothing else, in the same run.
"""

import tempfile
import time
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

import av

from _data import options, say_json
from _footage import FPS, busy, recording_of
from _house import SPAN_S, house
from vitrail import compose
from vitrail.compose.rooms import Rooms
from vitrail.domain.people import Use
from vitrail.domain.time import SECOND_US, Interval

_TILES, _CLIP_S = 4, 60


def main() -> None:
    given = options(__doc__ or "", ("--only", {"choices": ["tiles", "export"], "help": "one of the two"}))
    compose.ensure_models(given.cache, print)
    recording, _ = recording_of(given.data)
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        if given.more.only != "export":
            figures |= tiles(busy(recording, place / "720.mp4", _CLIP_S, size=(1280, 720)), place, given.cache)
        if given.more.only != "tiles":
            figures |= export(busy(recording, place / "1080.mp4", _CLIP_S), place, given.cache)
    say_json(benchmark="masked", **figures)


def tiles(clip: Path, place: Path, cache: Path) -> dict[str, object]:
    ran = house([str(clip)] * _TILES, clip, place, cache, tiles=_TILES)
    rates = [count / SPAN_S for count in ran.shown]
    print(
        f"{_TILES} live tiles of 720p25 on one core: {min(rates):.1f} to {max(rates):.1f} masked pictures a second at "
        f"{ran.cpu_share:.0%} of the core, {ran.latest_s:.1f} s behind, {ran.dropped} looks dropped",
        flush=True,
    )
    return {
        "tile_pictures_a_second": round(min(rates), 1),
        "tiles_cpu_share": round(ran.cpu_share, 2),
        "tiles_behind_s": round(ran.latest_s, 1),
    }


def export(clip: Path, place: Path, cache: Path) -> dict[str, object]:
    site = place / "site"
    compose.lab_site(clip, site)
    with ExitStack() as stack:
        rooms = Rooms(compose.read_site(site, {}), site / ".vitrail", cache, stack)
        rooms.eraser().sweep()
        camera = rooms.site.cameras[0]
        stream = camera.stream_for("record")
        assert stream is not None
        start_us = rooms.clock.now_us() - 2 * _CLIP_S * SECOND_US
        with rooms.intake.open(camera, stream, start_us) as opened:
            for packet in opened.source.packets():  # the lab's recording begins again and again
                if packet.media_us >= _CLIP_S * SECOND_US:
                    break
                opened.record(packet)
        made = rooms.accounts.first_run(rooms.site)
        assert made is not None
        desk = rooms.reception.open_desk(made[0], Use.REVIEW, "a benchmark")
        began = time.perf_counter()
        desk.minute(camera.id, Interval(start_us, start_us + _CLIP_S * SECOND_US), lambda _: None)
        took_s = time.perf_counter() - began
    began = time.perf_counter()
    again(clip, place / "again.mp4")
    limit_s = time.perf_counter() - began
    print(
        f"a masked copy of {_CLIP_S} s of 1080p25 in {took_s:.1f} s, {_CLIP_S / took_s:.1f} times real time; decoding "
        f"and encoding alone {_CLIP_S / limit_s:.1f} times",
        flush=True,
    )
    return {"export_times_real": round(_CLIP_S / took_s, 2), "export_limit": round(_CLIP_S / limit_s, 2)}


def again(clip: Path, target: Path) -> None:
    with av.open(str(clip)) as container, av.open(str(target), "w") as out:
        video = container.streams.video[0]
        video.thread_type = "AUTO"
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for count, frame in enumerate(container.decode(video)):
            frame.pts, frame.time_base, frame.pict_type = count, Fraction(1, FPS), 0
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


if __name__ == "__main__":
    main()
