"""How the guard says no: what, where, which rule of law.md, and what would make it right."""

__all__ = ["moved", "refuse"]

from vitrail.domain.errors import Refused


def refuse(rule: str, what: str, where: str, remedy: str) -> Refused:
    return Refused(what, where=where, rule=rule, remedy=remedy)


def moved(refused: Refused, where: str) -> Refused:
    """The same refusal, said of another place."""
    return Refused(refused.what, where=where, rule=refused.rule, remedy=refused.remedy)
