"""Whether the impact assessment speaks of everything that runs, and whether somebody else than its author validated it
for this very configuration (law.md L06). Pure."""

__all__ = ["Coverage", "cover", "reopened", "topics", "unassessed"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.assessments import Assessment, Topic, Validation
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Mandate, Mode
from vitrail.domain.streams import Site
from vitrail.domain.time import HOUR_US
from vitrail.guard.refusal import refuse

MIN_WORDS = 5
"""Words that a topic needs behind its name: a name alone says nothing."""
_SPOKEN: Mapping[str, tuple[str, ...]] = {
    "camera": ("camera", "caméra"),
    "microphone": ("microphone",),
    "analytic": ("analytic", "analyse"),
    "data": ("data", "donnée"),
    "recipient": ("recipient", "destinataire"),
    "retention": ("retention", "conservation"),
}
_STAFF = "staff"
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Coverage:
    topics: tuple[Topic, ...]
    missing: tuple[Topic, ...]

    @property
    def share(self) -> float:
        return 1.0 if not self.topics else 1 - len(self.missing) / len(self.topics)


def topics(site: Site, mandates: Sequence[Mandate], manifests: Mapping[str, AnalyticManifest]) -> tuple[Topic, ...]:
    """Every camera, analytic, data field, recipient and retention of the live configuration, each once."""
    found = [Topic("camera", camera.id) for camera in site.cameras]
    found += [Topic("microphone", microphone.id) for microphone in site.microphones]
    analytics = {s.analytic_id for d in site.devices() for s in d.analytics}
    analytics |= {analytic for mandate in mandates for _, analytic, _ in mandate.matrix}
    found += [Topic("analytic", name) for name in sorted(analytics)]
    made = [manifests[name] for name in analytics if name in manifests]
    data = {kind for manifest in made for kind in manifest.kinds | manifest.readings}
    if any(mandate.recording for mandate in mandates):
        data.add("pictures")
    found += [Topic("data", name) for name in sorted(data)]
    recipients = {recipient for mandate in mandates for recipient in mandate.recipients}
    found += [Topic("recipient", name) for name in (_STAFF, *sorted(recipients))]
    hours = sorted({mandate.retention_us / HOUR_US for mandate in mandates})
    return (*found, *(Topic("retention", f"{length:g} h") for length in hours))


def cover(wanted: Sequence[Topic], assessment: Assessment | None) -> Coverage:
    """A topic is covered by a line ``camera gate: ...`` (or ``caméra gate : ...``) with at least five words."""
    rows = [row for lines in assessment.lines.values() for row in lines] if assessment else []
    spoken = _spoken(rows)
    return Coverage(tuple(wanted), tuple(t for t in wanted if not any(label in spoken for label in _labels(t))))


def reopened(
    coverage: Coverage, assessment: Assessment | None, validation: Validation | None, configuration: str
) -> Refused | None:
    """Why the assessment does not hold for this configuration, if so. The first reason is the answer."""
    if assessment is None:
        return _refuse(
            "there is no impact assessment", "`vitrail assessment export` writes a draft for the CNIL's tool"
        )
    if coverage.missing:
        named = ", ".join(str(topic) for topic in coverage.missing[:_SHOWN])
        more = f" and {len(coverage.missing) - _SHOWN} more" if len(coverage.missing) > _SHOWN else ""
        share = f"{int(coverage.share * 100)} % of what runs"
        return _refuse(f"the impact assessment covers {share}: not {named}{more}", "assess what is missing")
    if not assessment.author.strip() or not assessment.validator.strip():
        return _refuse("the impact assessment does not name its author and its validator", "name two people")
    if _same(assessment.author, assessment.validator):
        return _refuse("the author of the impact assessment is its validator", "somebody else validates it")
    if not assessment.validated:
        return _refuse("the impact assessment is not validated in the CNIL's tool", "finish its validation there")
    return _validation_refused(assessment, validation, configuration)


def unassessed(mandates: Sequence[Mandate], refused: Refused | None) -> Mapping[str, Refused]:
    """The refusal for every mandate outside ``lab``."""
    return {mandate.id: refused for mandate in mandates if refused and mandate.mode is not Mode.LAB}


def _validation_refused(assessment: Assessment, validation: Validation | None, configuration: str) -> Refused | None:
    again = "have it validated again: `vitrail assessment validate`"
    if validation is None:
        return _refuse("nobody validated the impact assessment for this configuration", again)
    if not _same(validation.by, assessment.validator):
        return _refuse(f"{validation.by} validated, the impact assessment names {assessment.validator}", again)
    if validation.document_sha256 != assessment.sha256:
        return _refuse("the impact assessment was changed after its validation", again)
    if validation.configuration != configuration:
        return _refuse("the configuration was changed after the impact assessment was validated", again)
    return None


def _spoken(rows: Sequence[str]) -> frozenset[str]:
    """What stands before a colon with enough words behind it."""
    found = set()
    for row in rows:
        plain = " ".join(row.casefold().split())
        colons = (at for at, sign in enumerate(plain) if sign == ":")
        found |= {plain[:at].rstrip() for at in colons if len(plain[at + 1 :].split()) >= MIN_WORDS}
    return frozenset(found)


def _labels(topic: Topic) -> tuple[str, ...]:
    name = " ".join(topic.name.casefold().split())
    return tuple(f"{word} {name}" for word in _SPOKEN[topic.kind])


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()


def _refuse(what: str, remedy: str) -> Refused:
    return refuse("L06", what, "impact assessment", remedy)
