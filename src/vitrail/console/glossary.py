"""The house's own words, explained where they stand: the first of each on a page opens its meaning (a popover).

Pages are rendered first and marked then, so that no template has to remember it and no word is forgotten."""

__all__ = ["GLOSSARY", "Term", "explained"]

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from markupsafe import escape

from vitrail.console.language import N_, Words


@dataclass(frozen=True, slots=True)
class Term:
    """``forms``: by language, how the word is written in running text (regular expressions, the longest first)."""

    id: str
    word: str
    meaning: str
    forms: Mapping[str, str]


def _term(id: str, word: str, meaning: str, english: str, french: str) -> Term:  # noqa: A002
    return Term(id, word, meaning, {"en": english, "fr": french})


GLOSSARY: tuple[Term, ...] = (
    _term(
        "alert",
        N_("alert"),
        N_("Something that happened, put before a person. It says nothing more until somebody has looked."),
        "alerts?",
        "alertes?",
    ),
    _term(
        "analytic",
        N_("analytic"),
        N_("A small program that looks for one kind of event, such as somebody inside a closed zone."),
        "analytics?",
        "analyses?",
    ),
    _term(
        "bundle",
        N_("bundle"),
        N_("A case handed over in one file, sealed, with the proof of where each piece came from."),
        "bundles?",
        "liasses?",
    ),
    _term(
        "calibrated",
        N_("calibrated"),
        N_("Known in metres: where the camera hangs and which ground it sees. Speed and distance need it."),
        "calibrat(?:ed|ion)",
        "étalonn(?:ée?s?|age)",
    ),
    _term(
        "case",
        N_("case"),
        N_("A lawful file with a reference and a legal basis. It bounds which cameras and hours may be looked at."),
        "cases?",
        "dossiers?",
    ),
    _term(
        "checkpoint",
        N_("signed checkpoint"),
        N_("The ledger's state at a moment, signed. Whoever keeps a copy notices every later change."),
        "signed checkpoints?",
        "points? de contrôle signés?",
    ),
    _term(
        "clip",
        N_("clip"),
        N_("A masked excerpt of the recording around an event."),
        "clips?",
        "extraits?",
    ),
    _term(
        "dwelling-mask",
        N_("dwelling mask"),
        N_("The inside or entrance of a home, drawn on the picture: black before anything looks or records (L.251-3)."),
        "dwelling masks?",
        "masques? de logements?",
    ),
    _term(
        "emergency-account",
        N_("emergency account"),
        N_("A sealed account for the night when nobody who may look is there: one hour, once, and all are told."),
        "emergency accounts?|sealed accounts?",
        "comptes? d’urgence|comptes? scellés?",
    ),
    _term(
        "key-frame",
        N_("key frame"),
        N_("A picture that a camera sends whole, every few seconds; the others say only what changed since."),
        "key frames?",
        "images? clés?",
    ),
    _term(
        "ledger",
        N_("ledger"),
        N_("The log of every use: who looked at what, when and why. Nobody can change it without that being seen."),
        "ledger",
        "registre des accès|registre(?! public)",
    ),
    _term(
        "mandate",
        N_("mandate"),
        N_("The published decision that lets machines process named cameras. Without one, no picture is decoded."),
        "mandates?",
        "mandats?",
    ),
    _term(
        "masked",
        N_("masked"),
        N_("People are hidden in the copy that you see, for good: nothing can take that off again."),
        "(?:un)?mask(?:ed|s|ing)",
        "(?:dé)?masqu(?:ée?s?|es?|age)",
    ),
    _term(
        "notice",
        N_("notice"),
        N_("The message that carries a confirmed alert to those who repair or must act."),
        "notices?",
        "avis",
    ),
    _term(
        "packet",
        N_("packet"),
        N_("A piece of video as the camera sent it, before it is a picture. Recording keeps packets as they are."),
        "packets?",
        "paquets?",
    ),
    _term(
        "register",
        N_("public register"),
        N_("The public page that says what runs here, why, under which decision, and how good it is."),
        "(?:public )?register",
        "registre public",
    ),
    _term(
        "sighting",
        N_("sighting"),
        N_("A short record that can be searched: a vehicle or thing passed, or a place changed. Never who."),
        "sightings?",
        "observations?",
    ),
    _term(
        "stream",
        N_("stream"),
        N_("What one camera or microphone sends, encoded. A camera may have two: to look at and to record."),
        "streams?",
        "flux",
    ),
    _term(
        "suspension",
        N_("suspension"),
        N_("A public, signed stop of all analysis; it survives a restart, and two people in two roles end it."),
        "suspensions?",
        "suspensions?",
    ),
    _term(
        "territory",
        N_("territory"),
        N_("The cameras and microphones that an account may see. What lies outside is not found."),
        "territor(?:y|ies)",
        "territoires?",
    ),
    _term(
        "verdict",
        N_("verdict"),
        N_("What a person says of an alert: confirmed or dismissed, with the reason. The first one stands."),
        "verdicts?",
        "verdicts?",
    ),
    _term(
        "zone",
        N_("zone"),
        N_("A part of the picture, drawn by a person and given a name."),
        "zones?",
        "zones?",
    ),
)
_TAG = re.compile(r"(<!--.*?-->|<[^>]*>)", re.DOTALL)
_OPENS = re.compile(r"<([a-z][a-z0-9]*)", re.IGNORECASE)
_QUIET = re.compile(
    r"<(?:a|button|code|dialog|form|kbd|h1|label|legend|option|output|q|script|select|style|summary|svg|td|textarea|time"
    r"|title|video)\b",
    re.IGNORECASE,
)
"""Where no word is marked: a button has no place there, or what people and machines said stands there."""
_LIVE = re.compile(r"\s(?:aria-live|role=\"(?:alert|status|note)\"|hidden|data-plain)\b")
_MAIN = re.compile(r"(<main\b[^>]*>)(.*)(</main>)", re.DOTALL)


@cache
def _finder(language: str) -> re.Pattern[str]:
    """All words at once, those that come first in ``GLOSSARY`` before others; the group's name is the place in it."""
    forms = "|".join(f"(?P<t{n}>{term.forms[language]})" for n, term in enumerate(GLOSSARY))
    return re.compile(rf"\b(?:{forms})\b", re.IGNORECASE)


def explained(html: str, words: Words) -> str:
    """The page, with the first of each word in ``main`` as a button, and what it opens at the end of ``main``."""
    found = _MAIN.search(html)
    if found is None:
        return html
    marker = _Marker(words)
    inside = marker.marked(found[2])
    return html[: found.start(2)] + inside + marker.meanings() + html[found.end(2) :]


class _Marker:
    def __init__(self, words: Words) -> None:
        self._words = words
        self._finder = _finder(words.language)
        self._used: list[Term] = []
        self._inside = ""
        self._deep = 0

    def marked(self, html: str) -> str:
        return "".join(self._tag(piece) if piece.startswith("<") else self._text(piece) for piece in _TAG.split(html))

    def meanings(self) -> str:
        _ = self._words._
        every = _("All words")
        more = f'<a href="/help#words">{escape(every)}</a>'
        return "".join(
            f'<div id="word-{term.id}" class="meaning noprint" popover role="note"><b>{escape(_(term.word))}</b>'
            f"<p>{escape(_(term.meaning))}</p>{more}</div>"
            for term in self._used
        )

    def _tag(self, tag: str) -> str:
        """Follows only the element that is to be left alone, until it closes."""
        name = _OPENS.match(tag)
        if self._inside:
            if name and name[1].lower() == self._inside:
                self._deep += 1
            elif tag.lower().startswith(f"</{self._inside}"):
                self._deep -= 1
            if not self._deep:
                self._inside = ""
        elif name and (_QUIET.match(tag) or _LIVE.search(tag)) and not tag.endswith("/>"):
            self._inside, self._deep = name[1].lower(), 1
        return tag

    def _text(self, text: str) -> str:
        return text if self._inside or not text.strip() else self._finder.sub(self._button, text)

    def _button(self, found: re.Match[str]) -> str:
        term = GLOSSARY[int((found.lastgroup or "t0")[1:])]
        if term in self._used:
            return found[0]
        self._used.append(term)
        return f'<button type="button" class="term" popovertarget="word-{term.id}">{found[0]}</button>'
