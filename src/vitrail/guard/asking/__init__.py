"""Descriptions: refused when they are of a person, else understood as filters that everybody can see and change."""

__all__ = ["Answer", "Pictured", "Refusal", "Understood", "Word", "person_words", "understand"]

from vitrail.guard.asking.persons import Refusal, person_words
from vitrail.guard.asking.understanding import Answer, Pictured, Understood, Word, understand
