"""The site folder on disk: YAML in, domain values out; legal profiles; templates for `vitrail init` and the demo."""

__all__ = [
    "STATE_FOLDER",
    "Answers",
    "Ask",
    "Question",
    "SiteFolder",
    "SiteYaml",
    "demo_site",
    "draft",
    "mandate_schema",
    "missing_recordings",
    "new_mandate",
    "profile_ids",
    "read_answers",
    "read_mandate",
    "read_pia",
    "read_profile",
    "read_site",
    "site_schema",
    "write_document",
    "write_site",
    "write_validation",
]

from vitrail.adapters.sitefolder.assessment import write_document, write_validation
from vitrail.adapters.sitefolder.cnil import draft, read_pia
from vitrail.adapters.sitefolder.folder import STATE_FOLDER, SiteFolder, missing_recordings, read_mandate, read_site
from vitrail.adapters.sitefolder.interview import Ask, Question, new_mandate, read_answers
from vitrail.adapters.sitefolder.profiles import profile_ids, read_profile
from vitrail.adapters.sitefolder.redrawing import SiteYaml
from vitrail.adapters.sitefolder.schema import mandate_schema, site_schema
from vitrail.adapters.sitefolder.writing import Answers, demo_site, write_site
