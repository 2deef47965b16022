"""Why a stream is lost, in the reader's language: what the media adapters say in English, told in known sentences.

A sentence that is not known is shown as it came, which is better than nothing."""

__all__ = ["trouble"]

import re

from vitrail.console.language import N_, Words

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"(.+) refuses the user or password", N_("{} refuses the user or password")),
    (r"(.+) has no such stream", N_("{} has no such stream")),
    (r"(.+) is silent", N_("{} is silent")),
    (r"(.+) refuses the connection", N_("{} refuses the connection")),
    (r"(.+) ended the stream", N_("{} ended the stream")),
    (r"(.+) cannot be reached(?: \(.*\))?", N_("{} cannot be reached")),
    (r"(.+) sends no key pictures", N_("{} sends no key pictures")),
    (r"(.+) may not be read", N_("{} may not be read")),
    (r"(.+) cannot be read(?: \(.*\))?", N_("{} cannot be read")),
    (r"(.+) is no video, or too damaged to open", N_("{} is no video, or too damaged to open")),
)
_REMEDIES = (
    N_("check them; site.yaml takes them from the environment"),
    N_("check the path of its address, or wait for the camera"),
    N_("check the camera"),
    N_("check host and port, or wait for it"),
    N_("wait for the camera to come back"),
    N_("check camera and network"),
    N_("set a key-frame interval of 1 to 4 seconds in the camera, without intra refresh"),
    N_("give this account leave to read it"),
    N_("check the disk"),
)


def trouble(words: Words, problem: str) -> str:
    """``problem`` as an error of the house reads: what | where | rule | remedy. The place is in the sentence."""
    what, *rest = problem.split(" | ")
    remedy = next((part.removeprefix("remedy: ") for part in rest if part.startswith("remedy: ")), "")
    for pattern, sentence in _SENTENCES:
        found = re.fullmatch(pattern, what)
        if found:
            told = words._(sentence).replace("{}", found[1])
            return f"{told} · {words._(remedy) if remedy in _REMEDIES else remedy}" if remedy else told
    return problem
