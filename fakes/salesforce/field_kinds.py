"""The kinds of field an org knows, each as its difference from a plain nillable text field.

One entry a row of the describe of real orgs: what a currency, a checkbox or a lookup shows in
``DescribeFieldResult``. ``standard/*.json`` and :mod:`fakes.salesforce.custom_fields` both write fields as a
kind and the rest.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_READ_ONLY = {"createable": False, "updateable": False}
_SYSTEM = {**_READ_ONLY, "nillable": False, "permissionable": False, "defaulted_on_create": True}
_LONG = {"type": "textarea", "extra_type_info": "plaintextarea", "aggregatable": False, "filterable": False}
_UNSORTED = {"groupable": False, "sortable": False}
_NUMBER = {"groupable": False}
_COMPOUND = {
    **_READ_ONLY,
    "aggregatable": False,
    "groupable": False,
    "sortable": False,
    "query_by_distance": True,
}
_GEO = {"type": "double", "groupable": False, "precision": 18, "scale": 15}

GEOCODE_ACCURACIES = (
    "Address",
    "NearAddress",
    "Block",
    "Street",
    "ExtendedZip",
    "Zip",
    "Neighborhood",
    "City",
    "County",
    "State",
    "Unknown",
)

KINDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "text": {"type": "string"},
        "id": {
            **_SYSTEM,
            "type": "id",
            "length": 18,
            "id_lookup": True,
        },
        "system reference": {**_SYSTEM, "type": "reference", "length": 18},
        "system datetime": {**_SYSTEM, "type": "datetime", "groupable": False},
        "system boolean": {**_SYSTEM, "type": "boolean", "aggregatable": False, "default_value": False},
        "read-only date": {**_READ_ONLY, "type": "date", "permissionable": False},
        "read-only datetime": {**_READ_ONLY, "type": "datetime", "groupable": False, "permissionable": False},
        "read-only reference": {**_READ_ONLY, "type": "reference", "length": 18, "permissionable": False},
        "read-only int": {**_READ_ONLY, "type": "int", "digits": 9, "permissionable": False},
        "read-only text": {**_READ_ONLY, "type": "string", "permissionable": False},
        "person name": {
            **_READ_ONLY,
            "type": "string",
            "length": 121,
            "extra_type_info": "personname",
            "name_field": True,
            "nillable": False,
            "permissionable": False,
            "label": "Full Name",
        },
        "person name part": {
            "type": "string",
            "extra_type_info": "personname",
            "compound_field_name": "Name",
            "permissionable": False,
        },
        "salutation": {
            "type": "picklist",
            "length": 40,
            "extra_type_info": "personname",
            "compound_field_name": "Name",
            "permissionable": False,
            "label": "Salutation",
            "picklist_values": ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."),
        },
        "name": {
            "type": "string",
            "length": 80,
            "name_field": True,
            "id_lookup": True,
            "nillable": False,
            "permissionable": False,
        },
        "auto number": {
            **_READ_ONLY,
            "type": "string",
            "length": 30,
            "auto_number": True,
            "defaulted_on_create": True,
            "nillable": False,
        },
        "picklist": {"type": "picklist", "length": 255},
        "multipicklist": {
            "type": "multipicklist",
            "length": 4099,
            "precision": 4,
            "aggregatable": False,
            **_UNSORTED,
        },
        "combobox": {"type": "combobox", "length": 255, "groupable": False},
        "checkbox": {
            "type": "boolean",
            "aggregatable": False,
            "default_value": False,
            "defaulted_on_create": True,
            "nillable": False,
        },
        "lookup": {"type": "reference", "length": 18, "search_prefilterable": True},
        "owner": {
            "type": "reference",
            "length": 18,
            "defaulted_on_create": True,
            "nillable": False,
            "permissionable": False,
            "label": "Owner ID",
            "relationship_name": "Owner",
            "reference_to": ("User",),
        },
        "master-detail": {
            "type": "reference",
            "length": 18,
            "nillable": False,
            "permissionable": False,
            "updateable": False,
            "cascade_delete": True,
            "relationship_order": 0,
            "search_prefilterable": True,
        },
        "double": {"type": "double", **_NUMBER},
        "currency": {"type": "currency", "precision": 18, **_NUMBER},
        "percent": {"type": "percent", **_NUMBER},
        "int": {"type": "int", "digits": 8},
        "date": {"type": "date"},
        "datetime": {"type": "datetime", "groupable": False},
        "time": {"type": "time"},
        "email": {"type": "email", "length": 80},
        "phone": {"type": "phone", "length": 40},
        "url": {"type": "url", "length": 255},
        "text area": {"type": "textarea", "length": 255, "extra_type_info": "plaintextarea"},
        "long text": {**_LONG, **_UNSORTED, "length": 32000},
        "rich text": {
            **_LONG,
            **_UNSORTED,
            "length": 32768,
            "extra_type_info": "richtextarea",
            "html_formatted": True,
        },
        "encrypted": {
            "type": "encryptedstring",
            "length": 175,
            "mask": "*",
            "mask_type": "all",
            "aggregatable": False,
            "filterable": False,
            **_UNSORTED,
        },
        "address": {**_COMPOUND, "type": "address"},
        "street": {"type": "textarea", "length": 255, "extra_type_info": "plaintextarea"},
        "city": {"type": "string", "length": 40},
        "state": {"type": "string", "length": 80},
        "postal code": {"type": "string", "length": 20},
        "country": {"type": "string", "length": 80},
        "latitude": _GEO,
        "longitude": _GEO,
        "geocode accuracy": {
            "type": "picklist",
            "length": 40,
            "restricted_picklist": True,
            "picklist_values": GEOCODE_ACCURACIES,
        },
        "location": {**_COMPOUND, "type": "location", "filterable": False},
        "photo url": {
            **_READ_ONLY,
            "type": "url",
            "length": 255,
            "extra_type_info": "imageurl",
            "permissionable": False,
            "label": "Photo URL",
        },
        "base64": {"type": "base64", "aggregatable": False, "filterable": False, **_UNSORTED},
    }
)
