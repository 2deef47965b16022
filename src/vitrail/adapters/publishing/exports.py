"""The register in the forms that others ask for, each from the same source.

Field names: the Dutch algorithm register's publication standard 0.3.1; the United Kingdom's Algorithmic Transparency
Recording Standard 2.1; the record of processing of article 30 GDPR. What a form asks and the configuration does not
know is left empty, for the controller to fill in: nothing is invented.
"""

__all__ = ["EXPORTS"]

from collections.abc import Callable, Mapping
from uuid import NAMESPACE_URL, uuid5

from vitrail.domain.register import MandateEntry, Register

_DESCRIPTION = (
    "Looks at the pictures of declared cameras for declared events in declared places, and tells a person, who "
    "decides. It sees places, things and events, never who somebody is. People are masked in everything that leaves."
)
_HUMAN = (
    "Every alert is looked at by a person, who confirms or dismisses it with a reason. Nothing else follows from it."
)
_METHOD = (
    "Object detection by a small neural network, tracking by place and movement without appearance, declared rules."
)
_SOURCE = "Pictures of the declared cameras. No sound. No data from other registers."
_HEARD = (
    " Sound of the declared microphones, in memory for two seconds and never kept: a level each quarter of a second "
    "and one third-octave spectrum of what became an alert."
)
_RISKS = "Missed and false alerts; masks rest on a detector that misses people now and then. Figures are published."


def register_json(register: Register) -> object:
    return register.record()


def dutch(register: Register) -> object:
    """One record for each mandate."""
    return [_dutch(register, mandate) for mandate in register.mandates]


def _dutch(register: Register, mandate: MandateEntry) -> Mapping[str, object]:
    goals = "; ".join(purpose["objective"] for purpose in mandate.purposes)
    return {
        "name": mandate.title,
        "organization": mandate.controller,
        "department": "",
        "description_short": _DESCRIPTION,
        "type": "zelflerend algoritme",
        "category": "Openbare orde en veiligheid",
        "website": register.url,
        "status": "in gebruik" if mandate.id in _relied_on(register) else "buiten gebruik",
        "goal": goals,
        "impact": "; ".join(purpose["harm"] for purpose in mandate.purposes),
        "proportionality": "; ".join(f"{a['analytic_id']}: {a['necessity']}" for a in mandate.arguments),
        "decision_making_process": _HUMAN,
        "documentation": mandate.decision_url,
        "description": _DESCRIPTION,
        "application_url": register.url,
        "publiccode": "",
        "mprd": "",
        "source_data": _source(register),
        "methods_and_models": _METHOD,
        "monitoring": "; ".join(f"{purpose['success']} ({purpose['review']})" for purpose in mandate.purposes),
        "human_intervention": _HUMAN,
        "risks": _RISKS,
        "performance_standard": _figures(register),
        "competent_authority": mandate.controller,
        "lawful_basis": mandate.legal_basis,
        "iama": "",
        "iama_description": "",
        "dpia": "",
        "dpia_description": "",
        "objection_procedure": register.contact,
        "schema": "0.3.1",
        "uuid": str(uuid5(NAMESPACE_URL, f"{register.url}#{register.site_id}/{mandate.id}")),
        "url": register.url,
        "contact_email": register.contact,
        "area": register.site_name,
        "lang": "ENG",
        "revision_date": register.made[:10],
    }


def atrs(register: Register) -> object:
    """Both tiers, one record for each mandate."""
    return [
        {
            "standard_version": 2.1,
            "date_update": register.made[:10],
            "tier_1": {
                "name": mandate.title,
                "description": _DESCRIPTION,
                "url": register.url,
                "contact_email": register.contact,
            },
            "tier_2": {
                "organisation_department": mandate.controller,
                "external_supplier": mandate.supplier,
                "purpose": [purpose["objective"] for purpose in mandate.purposes],
                "justification": [purpose["harm"] for purpose in mandate.purposes],
                "description_of_tool": _METHOD,
                "process_integration": _HUMAN,
                "human_review": _HUMAN,
                "provided_information": "kind, place, time, the measure against its threshold, a masked clip",
                "legal_basis": mandate.legal_basis,
                "source_data": _source(register),
                "impact_assessment": "",
                "risks": [_RISKS],
                "performance": _figures(register),
                "retention_hours": mandate.retention_hours,
            },
        }
        for mandate in register.mandates
    ]


def article_30(register: Register) -> object:
    """Article 30(1) GDPR, letters a to g, one record for each mandate."""
    return [
        {
            "a_controller": mandate.controller,
            "a_contact": register.contact,
            "b_purposes": [purpose["objective"] for purpose in mandate.purposes],
            "c_data_subjects": "people in view or in hearing of what is declared; staff who use the system",
            "c_personal_data": "pictures without sound;"
            + (_HEARD if register.microphones else "")
            + " of staff: account, role, what they looked at and why",
            "d_recipients": ["staff with a territory and a typed reason", *mandate.recipients],
            "e_transfers": "none",
            "f_erasure_hours": mandate.retention_hours,
            "g_security": "masked copies only; grants; a ledger of every use; private files; erasure by age",
            "legal_basis": mandate.legal_basis,
            "decision": f"{mandate.decision}, {mandate.decision_date}, {mandate.decision_url}",
            "cameras": [camera.name for camera in register.cameras if camera.mandate_id == mandate.id],
            "microphones": [ear.name for ear in register.microphones if ear.mandate_id == mandate.id],
        }
        for mandate in register.mandates
    ]


def _relied_on(register: Register) -> set[str]:
    return {c.mandate_id for c in register.cameras} | {m.mandate_id for m in register.microphones}


def _source(register: Register) -> str:
    return _SOURCE.replace(" No sound.", _HEARD) if register.microphones else _SOURCE


def _figures(register: Register) -> str:
    """Bad results included; few verdicts say so."""
    said = []
    for figure in register.figures:
        share = (
            "not enough verdicts" if figure.low is None else f"{figure.low:.0%} to {figure.high:.0%} confirmed (95 %)"
        )
        said.append(f"{figure.kind} at {figure.camera_id}, light {figure.light}: {figure.alerts} alerts, {share}")
    return "; ".join(said) or "no alert yet"


EXPORTS: Mapping[str, Callable[[Register], object]] = {
    "register.json": register_json,
    "algorithm-register-nl.json": dutch,
    "atrs-uk.json": atrs,
    "article-30.json": article_30,
}
