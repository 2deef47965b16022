"""The JSON Schemas that editors use, made from the same shapes that the reader uses."""

__all__ = ["mandate_schema", "site_schema"]

import json

from vitrail.adapters.sitefolder.mandate_shape import MandateShape
from vitrail.adapters.sitefolder.site_shape import SiteShape
from vitrail.adapters.sitefolder.words import Shape

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def site_schema() -> str:
    return _schema(SiteShape, "Vitrail site.yaml")


def mandate_schema() -> str:
    return _schema(MandateShape, "Vitrail mandates/*.yaml")


def _schema(shape: type[Shape], title: str) -> str:
    schema = {"$schema": _DIALECT, **shape.model_json_schema(by_alias=True), "title": title}
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
