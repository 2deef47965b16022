"""False alarms per camera-hour on ordinary footage: recordings of ``--data`` on which nothing happens that an analytic
is for, through the whole product, one camera after the other.

Recordings: ``fixed-camera-video``, ``abandoned-object``, the demonstration's (``long``), and ``fight-surveillance``'s
clips without a fight, those of one source one after the other (``short``: seconds that were cut around fights, harder
than a street). Each is played there and back until it lasts two minutes, and again in other forms, drawn from its name:
a part of the picture, mirrored, darker or lighter, slower or faster, a long one from elsewhere in it. Both kinds take
turns. Forms of one recording are no new places: ``places`` says how many there are, and the interval (95 %, exact, of a
Poisson count) is of hours, not of places.

``fall``, ``crowd`` and ``speed`` need the ground: it is fitted to the heights of the people who walk by; where too few
do, they are not judged there. What concerns vehicles runs where the labels say that none passes; ``presence`` and
``line`` there, and where they say that nobody does, each for what is absent. So that two minutes can show an alarm at
all, things count as left after 20 s and as removed when they stood for 20 s, and 10 km/h is speeding. A recording whose
labels name an event that an analytic is for is not judged for it. ``furniture``, ``graffiti`` and ``sound`` have
benchmarks of their own: they learn for hours, or hear.

``fight_curve``: the same for every threshold of ``fight`` from 0.5 on, by the peaks of its score. ``calibrated``: each
film's threshold is raised to the second highest minute of the other films of the same recording, as the product raises
it by a camera's own past. ``--scores FILE`` keeps them as JSON.
"""

import itertools
import json
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from _alarms import Film, by_place, curve, figures, judged
from _ordinary import LENGTH_S, Source, found

from _data import options, say_json
from vitrail import compose


def main() -> None:
    given = options(
        __doc__ or "",
        ("--hours", {"type": float, "default": 1.0, "help": "camera-hours to watch"}),
        ("--minutes", {"type": float, "default": 13.0, "help": "nothing is begun after so long"}),
        ("--workers", {"type": int, "default": os.cpu_count() or 1, "help": "processes"}),
        ("--only", {"default": "", "help": "recordings whose name begins with this"}),
        ("--failures", {"type": Path, "help": "folder to which a picture of each alarm is written"}),
        ("--scores", {"type": Path, "help": "file to which every film's alarms and peaks are written"}),
    )
    began = time.monotonic()
    compose.ensure_models(given.cache, print)
    sources = [source for source in found(given.data, given.cache) if source.name.startswith(given.more.only)]
    work = list(itertools.islice(turns(sources), max(1, round(given.more.hours * 3600 / LENGTH_S))))
    if not work:
        print("skipped: there is no recording to watch")
        say_json(benchmark="ordinary", skipped=True)
        return
    until = time.monotonic() + 60 * given.more.minutes
    films, left_out = [], 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, given.more.workers), context) as pool:
        waiting = {
            pool.submit(judged, source, form, given.cache, until, given.more.failures): f"{source.name} form {form}"
            for source, form in work
        }
        for done in as_completed(waiting):
            film = _result(done, waiting[done])
            if film is None:
                left_out += 1
                continue
            films.append(film)
            print(f"{len(films)}/{len(work)} {waiting[done]}: {film.said()}", flush=True)
    if given.more.scores:
        given.more.scores.write_text(json.dumps([asdict(film) for film in films]), encoding="utf-8")
    print(f"{len(films)} films in {(time.monotonic() - began) / 60:.1f} minutes; {left_out} not begun or not readable")
    say_json(
        benchmark="ordinary",
        places=len({film.place for film in films}),
        left_out=left_out,
        **figures(films),
        recordings=by_place(films),
        fight_curve=curve(films),
    )


def turns(sources: list[Source]) -> Iterator[tuple[Source, int]]:
    """Long and short in turns, each as it is before any in another form; without end, none where there is none."""
    rows = [_forms(kind) for short in (False, True) if (kind := [s for s in sources if s.short is short])]
    while rows:
        for row in rows:
            yield next(row)


def _forms(sources: list[Source]) -> Iterator[tuple[Source, int]]:
    for number in itertools.count():
        for source in sources:
            yield source, number


def _result(done: "Future[Film | None]", name: str) -> Film | None:
    """One film that fails is said aloud and ends nothing."""
    try:
        return done.result()
    except Exception as error:
        print(f"{name}: left out: {type(error).__name__}: {error}", flush=True)
        if not isinstance(error, ValueError):
            traceback.print_exception(error, file=sys.stdout)
        return None


if __name__ == "__main__":
    main()
