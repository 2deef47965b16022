"""The only room that picks real adapters and hands things to each other."""

__all__ = [
    "Assessed",
    "Auditing",
    "Compared",
    "Desks",
    "Eraser",
    "House",
    "Question",
    "Tls",
    "analysis",
    "archive",
    "assess",
    "audit_verifier",
    "auditing",
    "bundle_verifier",
    "check_mandates",
    "check_state",
    "compare_mandates",
    "demo_site",
    "ensure_models",
    "erasing",
    "exhibits",
    "export_assessment",
    "free_port",
    "import_assessment",
    "joining",
    "lab_site",
    "ledger_consistency",
    "ledger_head",
    "missing_recordings",
    "models",
    "new_mandate",
    "open_house",
    "prove_absence",
    "publishing",
    "read_answers",
    "read_site",
    "reading",
    "recordings",
    "stand_alone_verifier",
    "tls",
    "validate_assessment",
    "verify_ledger",
    "write_site",
]

from vitrail.adapters.bundle import bundle_verifier
from vitrail.adapters.sitefolder import Question, missing_recordings, read_answers
from vitrail.compose.absence import exhibits, prove_absence
from vitrail.compose.analysing import analysis, archive, recordings
from vitrail.compose.auditing import Auditing, audit_verifier, auditing
from vitrail.compose.checking import (
    check_mandates,
    check_state,
    ledger_consistency,
    ledger_head,
    stand_alone_verifier,
    verify_ledger,
)
from vitrail.compose.desks import Desks, reading
from vitrail.compose.erasing import Eraser, erasing
from vitrail.compose.house import House, open_house
from vitrail.compose.joining import joining
from vitrail.compose.papers import (
    Assessed,
    Compared,
    assess,
    compare_mandates,
    export_assessment,
    import_assessment,
    new_mandate,
    validate_assessment,
)
from vitrail.compose.publishing import publishing
from vitrail.compose.starting import (
    demo_site,
    ensure_models,
    free_port,
    lab_site,
    models,
    read_site,
    tls,
    write_site,
)
from vitrail.console.app import Tls
