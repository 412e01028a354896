"""Describe answers in the vendor's shape: every key, in the recorded order, as far as the user may see.

Sources: REST API Developer Guide, "Describe Global" and "sObject Describe"; SOAP API Developer Guide,
"DescribeSObjectResult" and "DescribeFieldResult".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.salesforce.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fakes.salesforce.access import Access, ObjectAccess
    from fakes.salesforce.schema import ChildRelationship, Field, PicklistValue, Schema, SObject

MASTER_RECORD_TYPE = "012000000000000AAA"


def global_describe(schema: Schema, access: Access, version: str) -> dict[str, Any]:
    """The answer of ``GET …/sobjects``: what the user may read, by name without regard to case."""
    seen = [schema[name] for name in schema.names()]
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [describe_brief(sobject, access, version) for sobject in seen if access.object(sobject.name).read],
    }


def describe_brief(sobject: SObject, access: Access, version: str) -> dict[str, Any]:
    """One entry of the global describe, which is also the ``objectDescribe`` of ``GET …/sobjects/NAME``."""
    rights = access.object(sobject.name)
    return {
        "activateable": sobject.activateable,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable and rights.create,
        "custom": sobject.custom,
        "customSetting": sobject.custom_setting,
        "deepCloneable": sobject.deep_cloneable,
        "deletable": sobject.deletable and rights.delete,
        "deprecatedAndHidden": sobject.deprecated_and_hidden,
        "feedEnabled": sobject.feed_enabled,
        "hasSubtypes": sobject.has_subtypes,
        "isInterface": sobject.is_interface,
        "isSubtype": sobject.is_subtype,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": sobject.layoutable,
        "mergeable": sobject.mergeable,
        "mruEnabled": sobject.mru_enabled,
        "name": sobject.name,
        "queryable": sobject.queryable,
        "replicateable": sobject.replicateable,
        "retrieveable": sobject.retrieveable,
        "searchable": sobject.searchable,
        "triggerable": sobject.triggerable,
        "undeletable": sobject.undeletable and rights.delete,
        "updateable": sobject.updateable and rights.edit,
        "urls": _urls(sobject, version),
    }


def describe(
    sobject: SObject | str,
    schema: Schema,
    access: Access,
    version: str,
    *,
    host: str = "",
    record_types: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The answer of ``GET …/sobjects/NAME/describe``.

    A field that the user may not read is missing; one that may only be read is neither createable nor
    updateable, and neither is any field of an sobject that the user may not create or edit.

    Args:
        sobject: the sobject, or its name in any case.
        schema: the org's; the children that point at the sobject are found there.
        access: whose view it is.
        version: as in the path, ``63.0`` or ``v63.0``.
        host: scheme and host of the addresses of pages, as in ``https://acme.my.salesforce.com``.
        record_types: the sobject's rows of RecordType: Id, Name, DeveloperName, IsActive.

    Raises:
        NotFound: no such sobject, or one that the user may not read; Salesforce does not tell them apart.

    """
    found = schema.get(sobject) if isinstance(sobject, str) else sobject
    if found is None or not access.object(found.name).read:
        raise NotFound
    brief = describe_brief(found, access, version)
    rights = access.object(found.name)
    answer = {
        "actionOverrides": [],
        "childRelationships": [
            _child(child)
            for child in schema.child_relationships(found.name)
            if access.object(child.child).read and access.can_read(child.child, child.field)
        ],
        "compactLayoutable": found.compact_layoutable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [
            describe_field(field, access.can_edit(found.name, field.name), rights)
            for field in found.fields.values()
            if access.can_read(found.name, field.name)
        ],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(found, record_types, version),
        "searchLayoutable": found.search_layoutable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(found),
    }
    answer |= brief
    answer["urls"] = _urls(found, version, host=host, pages=True)
    # The recorded order is that of the letters' codes: searchLayoutable before searchable.
    return {key: answer[key] for key in sorted(answer)}


def describe_field(field: Field, editable: bool, rights: ObjectAccess) -> dict[str, Any]:
    """One element of ``fields``: 57 keys, shaped by what the user may do with field and sobject."""
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": field.ai_prediction_field,
        "autoNumber": field.auto_number,
        "byteLength": field.byte_length,
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": field.cascade_delete,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound_field_name,
        "controllerName": field.controller_name,
        "createable": field.createable and editable and rights.create,
        "custom": field.custom,
        "defaultValue": field.default_value,
        "defaultValueFormula": field.default_value_formula,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": field.dependent_picklist,
        "deprecatedAndHidden": field.deprecated_and_hidden,
        "digits": field.digits,
        "displayLocationInDecimal": field.display_location_in_decimal,
        "encrypted": field.encrypted,
        "externalId": field.external_id,
        "extraTypeInfo": field.extra_type_info,
        "filterable": field.filterable,
        "filteredLookupInfo": field.filtered_lookup_info,
        "formulaTreatNullNumberAsZero": field.formula_treat_null_number_as_zero,
        "groupable": field.groupable,
        "highScaleNumber": field.high_scale_number,
        "htmlFormatted": field.html_formatted,
        "idLookup": field.id_lookup,
        "inlineHelpText": field.inline_help_text,
        "label": field.label,
        "length": field.length,
        "mask": field.mask,
        "maskType": field.mask_type,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": field.polymorphic,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_picklist_value(value) for value in field.picklist_values],
        "polymorphicForeignKey": field.polymorphic,
        "precision": field.precision,
        "queryByDistance": field.query_by_distance,
        "referenceTargetField": field.reference_target_field,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": field.relationship_order,
        "restrictedDelete": field.restricted_delete,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": field.search_prefilterable,
        "soapType": field.soap_type,
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and editable and rights.edit,
        "writeRequiresMasterRead": field.write_requires_master_read,
    }


def _picklist_value(value: PicklistValue) -> dict[str, Any]:
    return {
        "active": value.active,
        "defaultValue": value.default,
        "label": value.label,
        "validFor": value.valid_for,
        "value": value.value,
    }


def _child(child: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.child,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name,
        "restrictedDelete": child.restricted_delete,
    }


def _record_types(sobject: SObject, record_types: Iterable[Mapping[str, Any]], version: str) -> list[dict[str, Any]]:
    """The sobject's record types and, always there and last, Master.

    Which of them a profile has is not kept: every active one counts as available, and Master as the default.
    """
    layouts = f"{_base(sobject, version)}/describe/layouts"
    own = [
        {
            "active": bool(row["IsActive"]),
            "available": bool(row["IsActive"]),
            "defaultRecordTypeMapping": False,
            "developerName": row["DeveloperName"],
            "master": False,
            "name": row["Name"],
            "recordTypeId": row["Id"],
            "urls": {"layout": f"{layouts}/{row['Id']}"},
        }
        for row in record_types
    ]
    master = {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": MASTER_RECORD_TYPE,
        "urls": {"layout": f"{layouts}/{MASTER_RECORD_TYPE}"},
    }
    return [*own, master]


def _scopes(sobject: SObject) -> list[dict[str, str]]:
    plural = sobject.label_plural.lower()
    scopes: Sequence[tuple[str, str]] = sobject.supported_scopes or (("everything", f"All {plural}"),)
    if sobject.custom and not sobject.supported_scopes:
        scopes = (*scopes, ("mine", f"My {plural}"))
    return [{"label": label, "name": name} for name, label in scopes]


def _base(sobject: SObject, version: str) -> str:
    return f"/services/data/v{version.removeprefix('v')}/sobjects/{sobject.name}"


def _urls(sobject: SObject, version: str, *, host: str = "", pages: bool = False) -> dict[str, str]:
    base = _base(sobject, version)
    if not sobject.layoutable:
        return {"rowTemplate": f"{base}/{{ID}}", "describe": f"{base}/describe", "sobject": base}
    urls = {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
    }
    if pages:
        urls |= {
            "uiDetailTemplate": f"{host}/{{ID}}",
            "uiEditTemplate": f"{host}/{{ID}}/e",
            "defaultValues": f"{base}/defaultValues?recordTypeId&fields",
        }
    urls |= {"listviews": f"{base}/listviews", "describe": f"{base}/describe"}
    if pages:
        urls["uiNewRecord"] = f"{host}/{sobject.key_prefix}/e"
    urls |= {"quickActions": f"{base}/quickActions", "layouts": f"{base}/describe/layouts"}
    if sobject.name == "User":
        urls["passwordUtilities"] = f"{base}/{{ID}}/password"
    urls["sobject"] = base
    return urls
