"""What is no purpose (L03): functions of software, and words so wide that anything fits.

The CNIL's review of a city's impact assessment asked for objectives, not functions. The closed list itself is
``vitrail.domain.mandates.OBJECTIVES``.
"""

__all__ = ["why_no_objective", "why_vague"]

import re

from vitrail.domain.mandates import OBJECTIVES

_FUNCTIONS = re.compile(
    r"\b(detect\w*|détec\w*|recogni\w*|reconnai\w*|reconnaî\w*|identif\w*|track\w*|suivi|analy\w+|monitor\w*|surveil\w*"
    r"|vidéosurveillance|vidéoprotection|video\w*|cctv|count\w*|compt\w+|classif\w*|search\w*|recherche\w*|filter\w*"
    r"|ai|ia|algorithm\w*|presence|présence|dwell|loiter\w*|maraudage|occupancy|crossing)\b",
    re.IGNORECASE,
)
_ALWAYS_VAGUE = re.compile(
    r"\b(abnormal\w*|anormal\w*|anormaux|suspicio\w*|suspect\w*|unusual|inhabituel\w*)\b", re.IGNORECASE
)
_CATEGORIES = re.compile(
    r"\b(nuisance\w*|incivilit\w*|loiter\w*|beg|begs|begging|beggar\w*|vagran\w*|vagabond\w*|homeless\w*|rough sleep\w*"
    r"|sdf|sans[- ]abri|mendi\w+|prostitut\w*|attroupement\w*|maraud\w*)\b",
    re.IGNORECASE,
)
"""Who is somewhere and how they live is no harm: choosing a category of people is forbidden (CSI R.253-1)."""
_VAGUE_ALONE = frozenset(
    re.findall(
        r"\S+",
        """
        security sécurité securite safety sûreté surete tranquility tranquillité prevention prévention protection
        order ordre crime delinquency délinquance incivility incivilités nuisance nuisances behaviour behavior
        comportement comportements public publique general générale générales général various divers other autre
        and et of de la le les des the in dans d l improve améliorer ensure assurer
        """,
    )
)
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


def why_no_objective(text: str) -> str:
    """Why ``text`` is not an objective, or nothing when it is in the closed list."""
    if text in OBJECTIVES:
        return ""
    plain = text.replace("_", " ")
    if _ALWAYS_VAGUE.search(plain) or _only_vague(plain):
        return f"`{text}` is too vague to be an objective (L03)"
    if _FUNCTIONS.search(plain):
        return f"`{text}` is a function of software, not an objective (L03)"
    return f"`{text}` is not in the closed list of objectives (L03)"


def why_vague(text: str) -> str:
    """Why ``text`` says no harm and no measure, or nothing when it may. A person still has to judge it."""
    match = _ALWAYS_VAGUE.search(text)
    if match:
        return f"`{match.group()}` can mean anybody (L03)"
    category = _CATEGORIES.search(text)
    if category:
        return f"`{category.group()}` names how people live, not a harm that is done (L03; CSI R.253-1)"
    if _only_vague(text):
        return f"`{text.strip()[:60]}` says nothing that can be checked (L03)"
    if len(_WORD.findall(text)) < 3:
        return f"`{text.strip()[:60]}` is too short to be checked (L03)"
    return ""


def _only_vague(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    return all(word in _VAGUE_ALONE for word in words)
