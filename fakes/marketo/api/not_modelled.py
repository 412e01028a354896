"""What a real instance answers and this fake does not: refused by name, and written into the ledger.

With a native Salesforce sync the objects that it owns answer as an instance with a CRM sync does.
Source: Marketo developer guide, "Companies", "Opportunities", "Sales Persons".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from flask import Blueprint, request

from fakes.marketo.errors import CrmEnabled, NotModelled

from . import call

if TYPE_CHECKING:
    from fakes.marketo.instance import Instance

CRM_OBJECTS = ("companies", "opportunities", "salespersons")

PATHS: tuple[tuple[str, str, str], ...] = (
    ("/rest/v1/leads/push.json", "POST", "Push Lead"),
    ("/rest/v1/leads/submitForm.json", "POST", "Submit Form"),
    ("/rest/v1/leads/<int:lead_id>/associate.json", "POST", "Associate Lead"),
    ("/rest/v1/leads/<int:lead_id>/listMembership.json", "GET", "List membership of a lead"),
    ("/rest/v1/leads/<int:lead_id>/programMembership.json", "GET", "Program membership of a lead"),
    ("/rest/v1/leads/<int:lead_id>/smartCampaignMembership.json", "GET", "Smart campaign membership of a lead"),
    ("/rest/v1/leads/programs/<int:program_id>.json", "GET", "Leads of a program"),
    ("/rest/v1/leads/programs/<int:program_id>/status.json", "POST", "Program status"),
    ("/rest/v1/programs/<path:rest>", "GET POST DELETE", "Program members"),
    ("/rest/v1/program/<path:rest>", "GET POST DELETE", "Program members"),
    ("/rest/v1/namedaccounts.json", "GET POST", "Named accounts"),
    ("/rest/v1/namedaccounts/<path:rest>", "GET POST DELETE", "Named accounts"),
    ("/rest/v1/namedAccountLists.json", "GET POST", "Named account lists"),
    ("/rest/v1/namedAccountLists/<path:rest>", "GET POST DELETE", "Named account lists"),
    ("/rest/v1/namedAccountList/<path:rest>", "GET POST DELETE", "Named account lists"),
    ("/rest/v1/customobjects.json", "GET", "Custom objects"),
    ("/rest/v1/customobjects/<path:rest>", "GET POST DELETE", "Custom objects"),
    ("/rest/asset/v1/<path:rest>", "GET POST DELETE", "Asset API"),
    ("/bulk/v1/<path:rest>", "GET POST DELETE", "Bulk import and extract"),
    *(
        (f"/rest/v1/{name}{rest}", "GET POST DELETE", name.capitalize())
        for name in CRM_OBJECTS
        for rest in (".json", "/<path:rest>")
    ),
)
"""Path, verbs and name of each part of the API that is known and not built."""


def create(instance: Instance) -> Blueprint:
    """A route for everything that is known and not modelled."""
    blueprint = Blueprint("not_modelled", __name__)

    def refuse(**_: object) -> NoReturn:
        """1018 for what the native sync owns; else 610 with the reason."""
        crm_object = request.path.removeprefix("/rest/v1/").startswith(CRM_OBJECTS)
        if instance.native and crm_object and not call.caller().connector:
            raise CrmEnabled
        what = f"{request.method} {request.path}"
        instance.journal.not_modelled(f"marketo {what}")
        raise NotModelled(what)

    for path, verbs, _ in PATHS:
        blueprint.add_url_rule(path, view_func=refuse, methods=verbs.split())
    return blueprint
