"""The impact assessment (AIPD, GDPR art. 35) as the guard needs it: who wrote it, what it says, who validated it."""

__all__ = ["QUESTIONS", "Assessment", "Topic", "Validation"]

from collections.abc import Mapping
from dataclasses import dataclass

QUESTIONS = frozenset(
    {111, 112, 113, 121, 122, 123, *range(211, 216), *range(221, 228)}
    | {risk * 10 + part for risk in (32, 33, 34) for part in range(1, 7)}
)
"""The 36 questions of the CNIL's tool, by their numbers: context, principles, rights, three risks."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that runs and must be spoken of: ``kind`` is camera, microphone, analytic, data, recipient or
    retention."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Assessment:
    """``validated`` when the CNIL's tool says so (simple or signed). ``lines`` are plain text, by question."""

    name: str
    author: str
    validator: str
    validated: bool
    lines: Mapping[int, tuple[str, ...]]
    sha256: str


@dataclass(frozen=True, slots=True)
class Validation:
    """Somebody's word that this very document holds for this very configuration."""

    by: str
    on: str
    document_sha256: str
    configuration: str
