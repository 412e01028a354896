"""Custom fields in the words of sfdx, made into fields of the schema.

The words are the elements of a ``CustomField`` in Metadata API, flattened: ``values`` stands for the value
set. Everything wrong with the words is said at once, each problem naming its key and, where one is near, the
right word.

Source: Metadata API Developer Guide, "CustomField" and "FieldType".
"""

from __future__ import annotations

import base64
import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fakes.salesforce.access import CannotPermit, field_access
from fakes.salesforce.schema import Field, PicklistValue, make_field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fakes.salesforce.schema import Schema, SObject


class WordsRefused(ValueError):
    """The words do not describe a custom field; ``problems`` says everything that is wrong with them."""

    def __init__(self, problems: Sequence[str], *, not_modelled: bool = False) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
        self.not_modelled = not_modelled


@dataclass(frozen=True, slots=True)
class _Type:
    """One word for a type: the kind of field it makes and the keys that belong to it."""

    kind: str
    keys: frozenset[str] = frozenset()
    formula: bool = False
    required: bool = True


_UNIQUE = frozenset({"unique", "externalId"})
_NUMERIC = frozenset({"precision", "scale", "defaultValue"})
_VALUES = frozenset({"values", "restricted", "controllingField", "valueSettings"})
_LOOKUP = frozenset({"referenceTo", "relationshipName", "relationshipLabel"})
_DEFAULT = frozenset({"defaultValue"})

TYPES: Mapping[str, _Type] = MappingProxyType(
    {
        "Text": _Type("text", _UNIQUE | _DEFAULT | {"length", "caseSensitive"}, formula=True),
        "TextArea": _Type("text area", _DEFAULT),
        "LongTextArea": _Type("long text", _DEFAULT | {"length", "visibleLines"}, required=False),
        "Html": _Type("rich text", frozenset({"length", "visibleLines"}), required=False),
        "EncryptedText": _Type("encrypted", frozenset({"length", "maskChar", "maskType"})),
        "Number": _Type("double", _NUMERIC | _UNIQUE, formula=True),
        "Currency": _Type("currency", _NUMERIC, formula=True),
        "Percent": _Type("percent", _NUMERIC, formula=True),
        "Checkbox": _Type("checkbox", _DEFAULT, formula=True, required=False),
        "Date": _Type("date", _DEFAULT, formula=True),
        "DateTime": _Type("datetime", _DEFAULT, formula=True),
        "Time": _Type("time", _DEFAULT, formula=True),
        "Email": _Type("email", _UNIQUE | _DEFAULT | {"caseSensitive"}),
        "Phone": _Type("phone", _DEFAULT),
        "Url": _Type("url", _DEFAULT),
        "Picklist": _Type("picklist", _VALUES),
        "MultiselectPicklist": _Type("multipicklist", _VALUES | {"visibleLines"}),
        "Lookup": _Type("lookup", _LOOKUP | {"deleteConstraint"}),
        "Hierarchy": _Type("lookup", frozenset({"relationshipName", "relationshipLabel"})),
        "MasterDetail": _Type(
            "master-detail",
            _LOOKUP | {"relationshipOrder", "reparentableMasterDetail", "writeRequiresMasterRead"},
            required=False,
        ),
        "AutoNumber": _Type(
            "auto number", frozenset({"displayFormat", "startingNumber", "externalId"}), required=False
        ),
        "Location": _Type("location", frozenset({"scale", "displayLocationInDecimal"}), required=False),
    }
)
NOT_MODELLED_TYPES = frozenset({"Summary", "MetadataRelationship", "ExternalLookup", "IndirectLookup", "File", "Array"})
# Kept or without an effect on data: descriptions, history, security classification.
_ANYWHERE = frozenset(
    {
        "type",
        "label",
        "required",
        "access",
        "inlineHelpText",
        "description",
        "trackHistory",
        "trackFeedHistory",
    }
)
_FORMULA_KEYS = frozenset({"formula", "formulaTreatBlanksAs"})
_EVERY_KEY = frozenset().union(_ANYWHERE, _FORMULA_KEYS, *(known.keys for known in TYPES.values()))

_FULL_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*__c")
_DISPLAY_FORMAT = re.compile(r"[^{}]*(?:\{(?:YYYY|YY|MM|DD)\}[^{}]*)*\{0+\}(?:[^{}]|\{(?:YYYY|YY|MM|DD)\})*")
_BOOLEANS = frozenset(
    {
        "required", "unique", "externalId", "caseSensitive", "restricted", "displayLocationInDecimal",
        "reparentableMasterDetail", "writeRequiresMasterRead", "trackHistory", "trackFeedHistory",
    }
)  # fmt: skip
# (key, type): smallest, largest, used when the words leave it out
_RANGES: Mapping[tuple[str, str], tuple[int, int, int]] = MappingProxyType(
    {
        ("length", "Text"): (1, 255, 255),
        ("length", "LongTextArea"): (256, 131072, 32768),
        ("length", "Html"): (256, 131072, 32768),
        ("length", "EncryptedText"): (1, 175, 175),
        ("precision", "Number"): (1, 18, 18),
        ("precision", "Currency"): (1, 18, 18),
        ("precision", "Percent"): (1, 18, 18),
        ("scale", "Number"): (0, 17, 0),
        ("scale", "Currency"): (0, 17, 2),
        ("scale", "Percent"): (0, 17, 2),
        ("scale", "Location"): (0, 15, 6),
        ("visibleLines", "LongTextArea"): (2, 50, 3),
        ("visibleLines", "Html"): (10, 50, 25),
        ("visibleLines", "MultiselectPicklist"): (3, 10, 4),
        ("startingNumber", "AutoNumber"): (0, 10**9, 1),
        ("relationshipOrder", "MasterDetail"): (0, 1, 0),
    }
)


def custom_fields(schema: Schema, full_name: str, words: Mapping[str, Any]) -> tuple[Field, ...]:
    """The fields that ``Lead.Region__c: {type: Picklist, values: [North, South]}`` asks for.

    One field, except for a geolocation, which brings its latitude and longitude.  A formula's text is taken
    as it stands: whoever can compile it does.

    Raises:
        WordsRefused: with everything that is wrong with the name and the words.
        NoSuchSObject: the part before the dot names none.

    """
    sobject_name, _, name = full_name.partition(".")
    sobject = schema[sobject_name]
    problems = list(_problems(schema, sobject, name, words))
    if problems:
        raise WordsRefused(problems, not_modelled=words.get("type") in NOT_MODELLED_TYPES)
    return _build(sobject, name, words)


def put_custom_field(schema: Schema, full_name: str, words: Mapping[str, Any]) -> Field:
    """Put the field that the words describe into the schema, replacing one of that name; answers the field.

    Raises what :func:`custom_fields` raises, and changes nothing then.
    """
    fields = custom_fields(schema, full_name, words)
    sobject_name = full_name.partition(".")[0]
    for field in fields:
        schema.put_field(sobject_name, field)
    return fields[0]


def drop_custom_field(schema: Schema, sobject_name: str, name: str) -> None:
    """Remove a custom field and, of a geolocation, its parts; ``NoSuchField`` if it is not there.

    Raises:
        WordsRefused: the field is a standard one, or a picklist depends on it.

    """
    sobject = schema[sobject_name]
    field = sobject.field(name)
    if field is not None and not field.custom:
        raise WordsRefused([f"{sobject.name}.{field.name} is a standard field: it cannot be deleted"])
    if field is not None:
        dependents = [each.name for each in sobject.fields.values() if each.controller_name == field.name]
        if dependents:
            raise WordsRefused([f"{sobject.name}.{field.name} controls {', '.join(dependents)}"])
        for part in sobject.compounds.get(field.name, ()):
            schema.drop_field(sobject.name, part.name)
    schema.drop_field(sobject.name, name)


# -- what is wrong
# ---------------------------------------------------------------------------------------------


def _problems(schema: Schema, sobject: SObject, name: str, words: Mapping[str, Any]) -> Iterable[str]:
    yield from _name_problems(sobject, name)
    word = words.get("type")
    if word is None:
        yield f"type: required; one of {', '.join(TYPES)}"
        return
    if word in NOT_MODELLED_TYPES:
        yield f"type: {word} is not modelled; one of {', '.join(TYPES)}"
        return
    if not isinstance(word, str) or word not in TYPES:
        yield f"type: unknown type {word!r}{_nearest(word, TYPES)}"
        return
    known = TYPES[word]
    if "formula" in words:
        yield from _formula_problems(word, words)
    else:
        yield from _key_problems(word, words, known.keys | _ANYWHERE)
        if words.get("required") and not known.required:
            yield f"required: a field of type {word} cannot be required"
    yield from _value_form_problems(word, words)
    if "values" in known.keys:
        yield from _picklist_problems(sobject, words)
    if "referenceTo" in known.keys:
        yield from _lookup_problems(schema, sobject, word, words)
    if word == "AutoNumber" and not _DISPLAY_FORMAT.fullmatch(str(words.get("displayFormat", "{0}"))):
        yield "displayFormat: needs exactly one number such as {0000}, besides {YYYY}, {YY}, {MM}, {DD}"


def _name_problems(sobject: SObject, name: str) -> Iterable[str]:
    present = sobject.field(name)
    if present is not None and not present.custom:
        yield f"{sobject.name}.{present.name} is a standard field: only custom fields can be put"
    elif not _FULL_NAME.fullmatch(name) or len(name) > 43:
        yield (
            f"{name or '(nothing)'}: a custom field's name begins with a letter, has letters, digits and "
            "single underscores, at most 40 of them, and ends in __c"
        )


def _formula_problems(word: str, words: Mapping[str, Any]) -> Iterable[str]:
    if not TYPES[word].formula:
        able = [name for name, known in TYPES.items() if known.formula]
        yield f"type: a formula returns {', '.join(able)}, not {word}"
    allowed = _ANYWHERE | _FORMULA_KEYS | (TYPES[word].keys & {"precision", "scale"})
    yield from _key_problems(word, words, allowed, what=f"a formula of type {word}")
    if words.get("required"):
        yield "required: a formula cannot be required"
    if not isinstance(words["formula"], str) or not words["formula"].strip():
        yield "formula: the text of the formula"
    blanks = words.get("formulaTreatBlanksAs", "BlankAsZero")
    if blanks not in {"BlankAsZero", "BlankAsBlank"}:
        yield f"formulaTreatBlanksAs: BlankAsZero or BlankAsBlank, not {blanks!r}"


def _key_problems(
    word: str, words: Mapping[str, Any], allowed: frozenset[str], *, what: str | None = None
) -> Iterable[str]:
    for key in words:
        if key not in _EVERY_KEY:
            yield f"{key}: unknown key{_nearest(key, _EVERY_KEY)}"
        elif key not in allowed:
            able = ", ".join(sorted(allowed - _ANYWHERE)) or "no key of its own"
            yield f"{key}: does not belong to {what or word}, which takes {able}"


def _value_form_problems(word: str, words: Mapping[str, Any]) -> Iterable[str]:
    """The form of each value: numbers in their range, true or false, texts."""
    for key, value in words.items():
        if key in _BOOLEANS and not isinstance(value, bool):
            yield f"{key}: true or false, not {value!r}"
        limits = _RANGES.get((key, word))
        if limits is not None:
            smallest, largest, _ = limits
            if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
                yield f"{key}: a number from {smallest} to {largest} for {word}, not {value!r}"
    precision, scale = _number("precision", word, words), _number("scale", word, words)
    numeric = ("precision", word) in _RANGES and isinstance(precision, int) and isinstance(scale, int)
    if numeric and scale > precision:
        yield f"scale: {scale} digits behind the point do not fit into a precision of {precision}"
    if word == "Checkbox" and words.get("defaultValue", False) not in {True, False, "true", "false"}:
        yield f"defaultValue: true or false for Checkbox, not {words['defaultValue']!r}"
    if words.get("maskChar", "asterisk") not in {"asterisk", "X"}:
        yield f"maskChar: asterisk or X, not {words['maskChar']!r}"
    mask_types = ("all", "lastFour", "creditCard", "ssn", "sin", "nino")
    if words.get("maskType", "all") not in mask_types:
        yield f"maskType: one of {', '.join(mask_types)}, not {words['maskType']!r}"
    if words.get("deleteConstraint", "SetNull") not in {"SetNull", "Restrict", "Cascade"}:
        yield f"deleteConstraint: SetNull, Restrict or Cascade, not {words['deleteConstraint']!r}"
    try:
        field_access(words.get("access", "edit"))
    except CannotPermit as refused:
        yield f"access: {refused}"


def _picklist_problems(sobject: SObject, words: Mapping[str, Any]) -> Iterable[str]:
    values = words.get("values")
    if not isinstance(values, list) or not values:
        yield "values: a list of at least one value"
        return
    names = []
    for entry in values:
        if isinstance(entry, str) and entry:
            names.append(entry)
        elif isinstance(entry, dict) and isinstance(entry.get("value"), str):
            names.append(entry["value"])
            yield from (
                f"values: unknown key {key!r}{_nearest(key, _VALUE_KEYS)}" for key in entry if key not in _VALUE_KEYS
            )
        else:
            yield f"values: a text, or {{value, label, default, active}}, not {entry!r}"
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            yield f"values: {name!r} stands twice"
        seen.add(name.lower())
    yield from _dependency_problems(sobject, words, names)


_VALUE_KEYS = ("value", "label", "default", "active")


def _dependency_problems(sobject: SObject, words: Mapping[str, Any], names: Sequence[str]) -> Iterable[str]:
    controlling = words.get("controllingField")
    settings = words.get("valueSettings", {})
    if controlling is None:
        if settings:
            yield "valueSettings: needs a controllingField"
        return
    controller = sobject.field(str(controlling))
    if controller is None or controller.type not in {"picklist", "boolean"}:
        able = [each.name for each in sobject.fields.values() if each.type in {"picklist", "boolean"}]
        yield f"controllingField: no picklist or checkbox {controlling!r}{_nearest(controlling, able)}"
        return
    if not isinstance(settings, dict):
        yield "valueSettings: for each value the controlling values that allow it, {value: [controlling, …]}"
        return
    known = _controlling_values(controller)
    for value, controllers in settings.items():
        if value not in names:
            yield f"valueSettings: {value!r} is none of the values{_nearest(value, names)}"
        wanted = controllers if isinstance(controllers, list) else [controllers]
        for each in wanted:
            if each not in known:
                yield f"valueSettings: {controller.name} has no value {each!r}{_nearest(each, known)}"


def _lookup_problems(schema: Schema, sobject: SObject, word: str, words: Mapping[str, Any]) -> Iterable[str]:
    target = words.get("referenceTo")
    if target is None:
        yield f"referenceTo: required for {word}"
    elif not isinstance(target, str) or schema.get(target) is None:
        yield f"referenceTo: no sobject {target!r}{_nearest(target, schema.names())}"
    if word == "MasterDetail" and not sobject.custom:
        yield f"type: {sobject.name} is a standard sobject and cannot be the detail of a MasterDetail"


def _nearest(word: object, known: Iterable[str]) -> str:
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(str(word).lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]}?" if found else ""


# -- the field
# -------------------------------------------------------------------------------------------------


def _build(sobject: SObject, name: str, words: Mapping[str, Any]) -> tuple[Field, ...]:
    word = words["type"]
    bare = name.removesuffix("__c")
    described: dict[str, Any] = {
        "kind": TYPES[word].kind,
        "name": name,
        "label": words.get("label", bare.replace("_", " ")),
        "custom": True,
        "inline_help_text": words.get("inlineHelpText"),
    }
    if "formula" in words:
        return (make_field(**described, **_formula(word, words)),)
    if word == "Location":
        return _location(described, words)
    described |= _sizes(word, words)
    if word in {"Picklist", "MultiselectPicklist"}:
        described |= _picklist(sobject, words)
    elif word in {"Lookup", "Hierarchy", "MasterDetail"}:
        described |= _lookup(sobject, bare, word, words)
    elif word == "AutoNumber":
        described["display_format"] = words.get("displayFormat", "{0}")
    elif word == "EncryptedText":
        described |= {
            "mask": "X" if words.get("maskChar") == "X" else "*",
            "mask_type": words.get("maskType", "all"),
        }
    described |= _default(word, words)
    if words.get("required"):
        described |= {"nillable": False, "permissionable": False}
    if words.get("externalId"):
        described |= {"external_id": True, "id_lookup": True}
    if words.get("unique"):
        described["unique"] = True
    if words.get("caseSensitive"):
        described["case_sensitive"] = True
    return (make_field(**described),)


def _number(key: str, word: str, words: Mapping[str, Any]) -> Any:
    return words.get(key, _RANGES.get((key, word), (0, 0, 0))[2])


def _sizes(word: str, words: Mapping[str, Any]) -> dict[str, Any]:
    sizes = {key: _number(key, word, words) for key in ("length", "precision", "scale") if (key, word) in _RANGES}
    if word == "MultiselectPicklist":
        sizes["precision"] = _number("visibleLines", word, words)
    if word == "AutoNumber":
        sizes["starting_number"] = _number("startingNumber", word, words)
    return sizes


def _formula(word: str, words: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "calculated": True,
        "formula": words["formula"],
        "formula_treat_null_number_as_zero": words.get("formulaTreatBlanksAs", "BlankAsZero") == "BlankAsZero",
        "createable": False,
        "updateable": False,
        "defaulted_on_create": False,
    }
    if word == "Text":
        described["length"] = 1300
    return described | {key: _number(key, word, words) for key in ("precision", "scale") if (key, word) in _RANGES}


def _default(word: str, words: Mapping[str, Any]) -> dict[str, Any]:
    """A checkbox's default is a value; any other is a formula, evaluated when a record is created."""
    default = words.get("defaultValue")
    if default is None:
        return {}
    if word == "Checkbox":
        return {"default_value": default in {True, "true"}}
    return {"default_value_formula": str(default)}


def _picklist(sobject: SObject, words: Mapping[str, Any]) -> dict[str, Any]:
    controlling = words.get("controllingField")
    controller = None if controlling is None else sobject.field(controlling)
    settings = words.get("valueSettings", {})
    values = []
    for entry in words["values"]:
        full: dict[str, Any] = {"value": entry} if isinstance(entry, str) else entry
        value = full["value"]
        valid_for = None
        if controller is not None:
            allowing = settings.get(value, [])
            valid_for = _bitset(controller, allowing if isinstance(allowing, list) else [allowing])
        values.append(
            PicklistValue(
                value,
                full.get("label", value),
                active=full.get("active", True),
                default=full.get("default", False),
                valid_for=valid_for,
            )
        )
    return {
        "picklist_values": tuple(values),
        "default_value": next((each.value for each in values if each.default), None),
        "restricted_picklist": words.get("restricted", False),
        "dependent_picklist": controller is not None,
        "controller_name": None if controller is None else controller.name,
    }


def _controlling_values(controller: Field) -> list[str]:
    """What a dependent value's bits count: the controller's values, or false and true of a checkbox."""
    if controller.type == "boolean":
        return ["false", "true"]
    return [entry.value for entry in controller.picklist_values]


def _bitset(controller: Field, allowing: Sequence[Any]) -> str:
    """``validFor``: bit *i*, most significant first, says whether controlling value *i* allows this one.

    Padded to a multiple of three bytes, as recorded (``gAAA``).  Source: SOAP API Developer Guide,
    "PicklistEntry".
    """
    known = _controlling_values(controller)
    size = -(-len(known) // 8)
    bits = bytearray(size + -size % 3)
    for index, value in enumerate(known):
        if value in allowing:
            bits[index // 8] |= 0x80 >> index % 8
    return base64.b64encode(bytes(bits)).decode("ascii")


def _lookup(sobject: SObject, bare: str, word: str, words: Mapping[str, Any]) -> dict[str, Any]:
    child = words.get("relationshipName")
    described: dict[str, Any] = {
        "reference_to": (sobject.name if word == "Hierarchy" else words["referenceTo"],),
        "relationship_name": f"{bare}__r",
        "child_relationship": None if child is None else f"{child}__r",
    }
    if word == "MasterDetail":
        return described | {
            "relationship_order": words.get("relationshipOrder", 0),
            "updateable": words.get("reparentableMasterDetail", False),
            "write_requires_master_read": words.get("writeRequiresMasterRead", False),
        }
    constraint = words.get("deleteConstraint", "SetNull")
    return described | {
        "restricted_delete": constraint == "Restrict",
        "cascade_delete": constraint == "Cascade",
    }


def _location(described: dict[str, Any], words: Mapping[str, Any]) -> tuple[Field, ...]:
    """A geolocation is three fields: the compound, which has no value of its own, and its two numbers."""
    in_decimal = words.get("displayLocationInDecimal", False)
    compound = make_field(**described, display_location_in_decimal=in_decimal)
    scale = _number("scale", "Location", words)
    bare = compound.name.removesuffix("__c")
    parts = (
        make_field(
            kind="double",
            name=f"{bare}__{part}__s",
            label=f"{compound.label} ({part})",
            custom=True,
            compound_field_name=compound.name,
            precision=scale + 3,
            scale=scale,
            display_location_in_decimal=in_decimal,
        )
        for part in ("Latitude", "Longitude")
    )
    return (compound, *parts)
