"""The report of a bundle: a PDF that a judge reads first."""

__all__ = ["report"]

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import reportlab
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from vitrail.adapters.bundle.plan import plan_drawing
from vitrail.adapters.bundle.words import WORDS
from vitrail.domain.bundles import CameraStory, Piece, Story
from vitrail.domain.time import SECOND_US, Interval, iso

_FONTS = {"Vera": "Vera.ttf", "VeraBd": "VeraBd.ttf"}
_DEEDS = 300
_WIDE = A4[0] - 36 * mm
_BODY = ParagraphStyle("body", fontName="Vera", fontSize=8.5, leading=11.5)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=7, leading=9)
_HEAD = ParagraphStyle("head", parent=_BODY, fontName="VeraBd", fontSize=11, leading=15, spaceBefore=10, spaceAfter=4)
_TITLE = ParagraphStyle("title", parent=_HEAD, fontSize=17, leading=22, spaceBefore=0)
_GRID = TableStyle(
    [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.HexColor("#b8b4a8")),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 4),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def report(story: Story, stills: Mapping[str, bytes]) -> bytes:
    folder = Path(reportlab.__file__).parent / "fonts"
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))
    made = io.BytesIO()
    page = _Page(story)
    document = SimpleDocTemplate(
        made,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=f"{page.say('title')} {story.case.reference}",
        author=story.site_name,
        subject=story.bundle.id,
        lang=story.bundle.language,
        invariant=1,
    )
    document.build(page.flow(stills), onFirstPage=page.foot, onLaterPages=page.foot)
    return made.getvalue()


class _Page:
    def __init__(self, story: Story) -> None:
        self._story = story
        self._words = WORDS[story.bundle.language]
        self._zone = ZoneInfo(story.zone)

    def say(self, word: str) -> str:
        return self._words.get(word, word)

    def flow(self, stills: Mapping[str, bytes]) -> list[Any]:
        parts = [Paragraph(self.say("title"), _TITLE), self._facts(), Spacer(1, 6)]
        parts += [Paragraph(self.say("masked"), _BODY)]
        parts += [Paragraph(self.say("originals"), _BODY)] if self._story.bundle.originals else []
        parts += [self._head("cameras"), self._cameras(), *self._leaps(), *self._map()]
        parts += [self._head("timeline"), self._timeline(), *self._pictures(stills)]
        parts += [self._head("files"), self._files()]
        parts += [self._head("custody"), *self._custody()]
        return [*parts, self._head("proof"), Paragraph(escape(self.say("proof_text")), _BODY)]

    def foot(self, canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFont("Vera", 7)
        story = self._story
        left = f"Vitrail · {story.site_name} · {story.case.reference} · {story.bundle.id}"
        canvas.drawString(18 * mm, 9 * mm, left)
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, self.say("page").format(document.page))
        canvas.restoreState()

    def _facts(self) -> Table:
        case, bundle = self._story.case, self._story.bundle
        rows = [
            ("reference", case.reference),
            ("basis", case.legal_basis),
            ("reason", case.reason),
            ("opened", f"{case.opened_by}, {self._moment(case.opened_us)}"),
            ("members", ", ".join(sorted(case.members))),
            ("recipient", bundle.recipient),
            ("made", f"{self._moment(self._story.made_us)}, {self._story.made_by}: {bundle.reason}"),
            ("bundle", bundle.id),
        ]
        if bundle.answered_us is not None:
            rows.append(("second", f"{bundle.answered_by}, {self._moment(bundle.answered_us)}: {bundle.answer}"))
        return self._table([[self.say(name), text] for name, text in rows], (0.28, 0.72))

    def _cameras(self) -> Table:
        heads = [self.say(word) for word in ("camera", "asked", "gaps", "clock")]
        rows = [
            [
                f"{camera.name} ({camera.camera_id})",
                "\n".join(map(self._span, camera.asked)),
                "\n".join(map(self._span, camera.gaps)) or self.say("none"),
                self._clock(camera),
            ]
            for camera in self._story.cameras
        ]
        return self._table([heads, *rows], (0.2, 0.3, 0.3, 0.2))

    def _clock(self, camera: CameraStory) -> str:
        offset_s, doubt_s = camera.offset_us / SECOND_US, camera.uncertainty_us / SECOND_US
        return f"{offset_s:.3f} s ± {doubt_s:.3f} s\n{self.say(f'how_{camera.clock}')}"

    def _leaps(self) -> list[Any]:
        rows = [f"{c.name}: {self._span(leap)}" for c in self._story.cameras for leap in c.leaps]
        return [Paragraph(escape(f"{self.say('leaps')}: {'; '.join(rows)}"), _BODY)] if rows else []

    def _map(self) -> list[Any]:
        drawing = plan_drawing(self._story.cameras, _WIDE)
        if drawing is None:
            return []
        return [self._head("map"), drawing, Paragraph(self.say("north"), _SMALL)]

    def _timeline(self) -> Any:
        rows = [
            [self._span(h.interval), h.camera_id, f"{self.say(h.kind)}: {h.words}", h.by]
            for h in self._story.happenings
        ]
        heads = [self.say(word) for word in ("when", "camera", "what", "by")]
        return self._table([heads, *rows], (0.3, 0.15, 0.4, 0.15)) if rows else Paragraph(self.say("nothing"), _BODY)

    def _pictures(self, stills: Mapping[str, bytes]) -> list[Any]:
        shown = [h for h in self._story.happenings if h.still in stills]
        cells = []
        for happening in shown:
            picture = Image(io.BytesIO(stills[happening.still]))
            scale = (_WIDE / 2 - 6 * mm) / picture.imageWidth
            picture.drawWidth, picture.drawHeight = picture.imageWidth * scale, picture.imageHeight * scale
            words = f"{happening.camera_id}, {self._moment(happening.interval.start_us)}: {happening.words}"
            cells.append([picture, Paragraph(escape(words), _SMALL)])
        pairs = [cells[at : at + 2] for at in range(0, len(cells), 2)]
        rows = [[*pair, ""][:2] for pair in pairs]
        return [self._head("stills"), Table(rows, colWidths=[_WIDE / 2] * 2)] if rows else []

    def _files(self) -> Table:
        heads = [self.say(word) for word in ("file", "span", "kind", "pictures")]
        rows = [[p.name, self._span(p.interval), self._kind(p), str(p.pictures)] for p in self._story.pieces]
        return self._table([heads, *rows], (0.42, 0.3, 0.2, 0.08), _SMALL)

    def _kind(self, piece: Piece) -> str:
        return self.say("kind_whole" if piece.whole else f"kind_{piece.kind}")

    def _custody(self) -> list[Any]:
        told = [deed for deed in self._story.deeds if deed.outcome != "opened"]
        note = self.say("custody_note").format(min(len(told), _DEEDS), len(told))
        rows = [
            [self._moment(d.at_us), d.actor, f"{self.say(f'op_{d.operation}')} {d.target} ({d.outcome})", d.detail]
            for d in told[-_DEEDS:]
        ]
        heads = [self.say(word) for word in ("when", "by", "what", "reason")]
        heads[3] = ""
        return [Paragraph(escape(note), _BODY), self._table([heads, *rows], (0.2, 0.13, 0.3, 0.37), _SMALL)]

    def _head(self, word: str) -> Paragraph:
        return Paragraph(escape(self.say(word)), _HEAD)

    def _table(self, rows: Sequence[Sequence[str]], shares: Sequence[float], style: ParagraphStyle = _BODY) -> Table:
        cells = [[Paragraph(escape(text).replace("\n", "<br/>"), style) for text in row] for row in rows]
        return Table(cells, colWidths=[_WIDE * share for share in shares], style=_GRID)

    def _moment(self, at_us: int) -> str:
        local = datetime.fromisoformat(iso(at_us)).astimezone(self._zone)
        return local.strftime("%Y-%m-%d %H:%M:%S") + f".{local.microsecond // 1000:03} {local.tzname()}"

    def _span(self, span: Interval) -> str:
        if span.length_us < SECOND_US // 100:
            return self._moment(span.start_us)
        start, end = self._moment(span.start_us), self._moment(span.end_us)
        return f"{start} – {end[11:] if start[:10] == end[:10] else end}"
