"""How fast a recording is analysed, against what the same machine needs just to decode it, in the same run.

Product: gate, decoding, detector, tracker, three analytics, guard, as in ``vitrail analyse``. Limit: PyAV decodes every
frame with one thread and does nothing else. Plain: every frame decoded, the same detector on ten frames a second, and
nothing else. Every clip of the folder is measured, and ``quiet``: ten minutes of 1080p25 H.264 with grain, 4 Mb/s, on
which nobody is there (``_footage.py``). ``a_core`` divides by processor time of all threads instead of by the clock, so
that it says what one core does whatever else runs.
"""

import tempfile
import time
from pathlib import Path

import av

from _data import options, say_json, watched
from _footage import quiet, recording_of, repeated
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.domain.frames import Picture

_DRAWN = """\
    zones:
      - {id: picture, name: Picture, corners: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]}
    analytics:
      - {analytic: presence, purpose: try, zones: [picture]}
      - {analytic: dwell, purpose: try, zones: [picture]}
      - {analytic: occupancy, purpose: try, zones: [picture]}
"""
_QUIET_S, _TIMES = 60, 10


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data / "fixed-camera-video" if (given.data / "fixed-camera-video").is_dir() else given.data
    clips = sorted(folder.glob("*.mp4"))
    detector = load_nanodet(given.cache)
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        recording, gaps = recording_of(given.data)
        calm = repeated(quiet(recording, Path(place) / "minute.mp4", _QUIET_S, gaps), Path(place) / "quiet.mp4", _TIMES)
        for clip in [*clips, calm]:
            figures |= measured(clip, detector, given.cache)
    say_json(benchmark="speed", **figures)


def measured(clip: Path, detector: NanodetDetector, cache: Path) -> dict[str, object]:
    length_s, decode_s = decoded(clip, None)
    _, plain_s = decoded(clip, detector)
    product = watched(clip, _DRAWN, cache)
    times = {"product": length_s / product.took_s, "decode_limit": length_s / decode_s, "plain": length_s / plain_s}
    times["a_core"] = length_s / product.cpu_s
    name = clip.stem.replace("-", "_")
    said = ", ".join(f"{what} {value:.1f}" for what, value in times.items())
    print(f"{clip.name} ({length_s:.0f} s), times real time: {said}; product / plain {plain_s / product.took_s:.2f}")
    return {f"{name}_{what}": round(value, 1) for what, value in times.items()}


def decoded(clip: Path, detector: NanodetDetector | None) -> tuple[float, float]:
    """Length of the clip, and seconds it took to decode all of it, with the detector ten times a second if given."""
    began = time.perf_counter()
    due_s = last_s = 0.0
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        for frame in container.decode(video):
            last_s = frame.time
            if detector is not None and frame.time >= due_s:
                detector.detect([planes(frame)], 0.2)
                due_s = frame.time + 0.1
    return last_s, time.perf_counter() - began


def planes(frame: av.VideoFrame) -> Picture:
    data, height, width = frame.reformat(format="yuv420p").to_ndarray(), frame.height, frame.width
    chroma = data[height:].reshape(2, height // 2, width // 2)
    return Picture(data[:height], chroma[0], chroma[1])


if __name__ == "__main__":
    main()
