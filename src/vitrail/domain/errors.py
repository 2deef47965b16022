"""The error tree, drawn once. Every error the product raises on purpose is one of these six kinds.

Each kind maps to one HTTP status (``console/status.py``) and one exit code (``cli.py``). An error says what
happened (``what``), where (``where``), which rule asked for it (``rule``) and what to do (``remedy``), so that a
screen, a log line and a terminal can all tell the same story.
"""

__all__ = ["Conflict", "Corrupt", "Invalid", "NotFound", "Problem", "Refused", "Unavailable", "VitrailError"]

from dataclasses import dataclass


class VitrailError(Exception):
    """Base of the tree; never raised itself."""

    kind = "error"

    def __init__(self, what: str, *, where: str = "", rule: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.rule = rule
        self.remedy = remedy

    def __str__(self) -> str:
        parts = [self.what]
        if self.where:
            parts.append(f"where: {self.where}")
        if self.rule:
            parts.append(f"rule: {self.rule}")
        if self.remedy:
            parts.append(f"remedy: {self.remedy}")
        return " | ".join(parts)


class Refused(VitrailError):
    """The guard said no; ``rule`` is never empty."""

    kind = "refused"


class NotFound(VitrailError):
    """The thing asked for does not exist, or is outside the grant's scope (the two are not told apart)."""

    kind = "not_found"


class Invalid(VitrailError):
    """The input is wrong and will stay wrong: bad YAML, not a video, malformed request."""

    kind = "invalid"

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        rule: str = "",
        remedy: str = "",
        problems: "tuple[Problem, ...]" = (),
    ) -> None:
        super().__init__(what, where=where, rule=rule, remedy=remedy)
        self.problems = problems


class Conflict(VitrailError):
    """The thing has changed meanwhile, or is taken: second verdict, port in use, two writers."""

    kind = "conflict"


class Unavailable(VitrailError):
    """It may work later: camera lost, disk full, database locked, registry out of reach."""

    kind = "unavailable"


class Corrupt(VitrailError):
    """Stored data contradict themselves: digest mismatch, damaged database, edited ledger."""

    kind = "corrupt"


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of a list of problems: file, key, what is wrong, what would be right."""

    file: str
    key: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        tail = f" -> {self.remedy}" if self.remedy else ""
        return f"{self.file}: {self.key}: {self.what}{tail}"
