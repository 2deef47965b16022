"""Model manifests: where weights come from, what they may say. A model with an identity-bearing output is refused
(law.md L20): its manifest cannot even be made."""

__all__ = ["ModelManifest", "PackageFile", "identity_words"]

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
