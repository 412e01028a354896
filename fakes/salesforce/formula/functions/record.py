"""Functions of the record's past and of other records: ISNEW, ISCLONE, ISCHANGED, PRIORVALUE, VLOOKUP.

Source: Salesforce help, "ISCHANGED", "PRIORVALUE", "VLOOKUP"; the official engine's commands of the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.code import Code, Reference
from fakes.salesforce.formula.fields import reader
from fakes.salesforce.formula.functions.registry import ON_SAVE, Function, Site
from fakes.salesforce.formula.nodes import Name
from fakes.salesforce.formula.types import RecordContext, Type

if TYPE_CHECKING:
    from collections.abc import Callable


def _is_new(site: Site) -> Code:
    site.count(0)
    return site.result(Type.BOOLEAN, lambda record: record.is_new)


def _is_clone(site: Site) -> Code:
    site.count(0)
    return site.result(Type.BOOLEAN, lambda record: record.is_clone)


def _own_field(site: Site) -> tuple[Reference, Code]:
    site.count(1)
    (code,) = site.arguments
    if code.reference is None or not isinstance(code.node, Name) or code.type is Type.LOCATION:
        raise errors.illegal_type(site.where, code.position)
    if len(code.reference.path) > 1 or code.reference.name.startswith("$"):
        raise errors.field_not_for(site.node.name.upper(), code.reference.name, code.position)
    return code.reference, code


def _is_changed(site: Site) -> Code:
    reference, _ = _own_field(site)
    now, before = reference.raw, _before(reference)

    def run(record: RecordContext) -> bool:
        if record.is_new:
            return False
        return bool(_comparable(now(record)) != _comparable(before(record)))

    return site.result(Type.BOOLEAN, run)


def _comparable(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def _prior_value(site: Site) -> Code:
    reference, code = _own_field(site)
    now, before = reference.raw, _before(reference)
    return Code(code.type, lambda record: now(record) if record.is_new else before(record), site.node, reference)


class _Before:
    """A record as it was before the save, for formula fields of the past."""

    def __init__(self, record: RecordContext) -> None:
        self._record = record

    def value(self, path: tuple[str, ...]) -> Any:
        return self._record.prior(path) if len(path) == 1 else self._record.value(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)


def _before(reference: Reference) -> Callable[[RecordContext], Any]:
    if reference.info.formula is not None:
        run = reference.raw
        return lambda record: run(_Before(record))
    read, path = reader(reference.info), reference.path
    return lambda record: read(record.prior(path))


def _column(site: Site, code: Code) -> Reference:
    """A field named as ``$ObjectType.Zip_Code__c.Fields.City__c``."""
    reference = code.reference
    if reference is None or not isinstance(code.node, Name) or not _is_column(reference.path):
        raise errors.FormulaError(f"Incorrect parameter for {site.where}. Expected field reference.", code.position)
    return reference


def _is_column(path: tuple[str, ...]) -> bool:
    return len(path) == 4 and path[0].lower() == "$objecttype" and path[2].lower() == "fields"


def _vlookup(site: Site) -> Code:
    site.count(3)
    wanted, key = (_column(site, code) for code in site.arguments[:2])
    sobject, field, name = wanted.path[1], wanted.path[3], key.path[3]
    if key.path[1].lower() != sobject.lower():
        raise errors.FormulaError(
            f"Incorrect parameter for {site.where}. Expected {sobject} field reference.", site.arguments[1].position
        )
    if name.lower() != "name":
        raise errors.field_not_for("VLOOKUP", key.name, site.arguments[1].position)
    sought, read = site.take(2, Type.TEXT), reader(wanted.info)

    def run(record: RecordContext) -> Any:
        value = sought(record)
        return read(record.lookup(sobject, name, value, field) if value else None)

    return Code(site.arguments[0].type, run, site.node, wanted)


FUNCTIONS = (
    Function("ISNEW", _is_new, ON_SAVE, varies=True),
    Function("ISCLONE", _is_clone, ON_SAVE, varies=True),
    Function("ISCHANGED", _is_changed, ON_SAVE, varies=True),
    Function("PRIORVALUE", _prior_value, ON_SAVE, varies=True),
    Function("VLOOKUP", _vlookup, frozenset({"validation", "any"}), varies=True),
)
