"""Why a camera is lost is said in French too, for everything that the media adapter can say of one."""

import av
import pytest

from vitrail.adapters.av.opening import problem
from vitrail.console.language import words_for
from vitrail.console.troubles import trouble


@pytest.mark.parametrize(
    ("error", "live", "french"),
    [
        (TimeoutError(), True, "Quai nord ne dit plus rien · vérifiez la caméra"),
        (ConnectionRefusedError(), True, "Quai nord refuse la connexion · vérifiez"),
        (av.error.HTTPUnauthorizedError(1, "no"), True, "Quai nord refuse le nom ou le mot de passe · vérifiez-les"),
        (av.error.HTTPNotFoundError(1, "no"), True, "Quai nord n’a pas ce flux · vérifiez le chemin"),
        (av.error.EOFError(1, "end"), True, "Quai nord a mis fin au flux · attendez"),
        (OSError(5, "no route"), True, "Quai nord est injoignable (no route) · vérifiez la caméra et le réseau"),
        (PermissionError(), False, "Quai nord ne peut être lu"),
        (OSError(5, "no"), False, "Quai nord est illisible (no) · vérifiez le disque"),
        (ValueError(), False, "Quai nord n’est pas une vidéo"),
    ],
)
def test_what_the_adapter_says_of_a_lost_camera_reads_in_french(error: Exception, live: bool, french: str) -> None:
    told = trouble(words_for("fr"), str(problem(error, "Quai nord", live=live)))
    assert told.startswith(french)
    assert "remedy" not in told and "where" not in told


def test_english_keeps_the_sentence_and_its_remedy() -> None:
    said = str(problem(TimeoutError(), "North quay", live=True))
    assert trouble(words_for("en"), said) == "North quay is silent · check the camera"


def test_what_nobody_foresaw_is_shown_as_it_came() -> None:
    assert trouble(words_for("fr"), "the moon fell | remedy: duck") == "the moon fell · duck"
