"""Service: what an administrator changes in Setup: custom fields, validation rules, field permissions.

Every change is whole or does not happen: words, formulas and permissions are checked before the schema moves.
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from fakes.salesforce.access import SYSTEM_ADMINISTRATOR, check_permission
from fakes.salesforce.custom_fields import custom_fields, drop_custom_field
from fakes.salesforce.formula import FormulaError, compile_formula
from fakes.salesforce.schema import Schema, ValidationRule
from fakes.salesforce.validation import names_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fakes.salesforce.access import FieldAccess, OwnerKind
    from fakes.salesforce.org import Org
    from fakes.salesforce.schema import Field, SObject

_RULE_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")
LONGEST_MESSAGE = 255


class Unknown(LookupError):
    """The org has nothing of that name; the message says so and names the nearest."""


class Refused(ValueError):
    """Setup does not do it: the message says why."""


class Setup:
    """The changes of one org; each method is one page of its Setup."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def set_field_access(
        self, full_name: str, access: FieldAccess, *, owner: str, kind: OwnerKind | None = None
    ) -> None:
        """Give a profile or permission set this access to ``Lead.Rating``.

        Raises:
            Unknown: there is no such sobject or field.
            NoSuchOwner: there is no such profile or permission set.
            CannotPermit: the field is outside field-level security, or can be read only.

        """
        sobject, field = self.field(full_name)
        check_permission(sobject, field, access)
        with self._org.store.database.transaction():
            self._org.security.set_field_access(owner, sobject.name, field.name, access, kind=kind)

    def put_rule(
        self, full_name: str, *, formula: str, message: str, field: str | None = None, active: bool = True
    ) -> ValidationRule:
        """Create the validation rule ``Lead.Phone_If_Hot``, or replace the one of that name; answers it.

        Raises:
            Unknown: there is no such sobject, or no field to show the message at.
            FormulaError: the formula does not compile, active or not.
            Refused: the rule's name or message cannot be.

        """
        sobject_name, _, name = full_name.partition(".")
        sobject = self.sobject(sobject_name)
        if not _RULE_NAME.fullmatch(name) or len(name) > 40:
            raise Refused(
                f"{name or '(nothing)'}: a rule's name begins with a letter and has letters, digits and "
                "single underscores, at most 40"
            )
        if not message.strip() or len(message) > LONGEST_MESSAGE:
            raise Refused(f"message: a text of 1 to {LONGEST_MESSAGE} characters")
        shown_at = None if field is None else self.field(f"{sobject.name}.{field}")[1].name
        compile_formula(formula, names_for(self._org.schema, sobject, "rule"))
        rule = ValidationRule(sobject.name, name, formula, message, shown_at, active)
        with self._org.store.database.lock:
            self._org.schema.put_rule(rule)
            self._org.keep_schema()
        return rule

    def drop_rule(self, full_name: str) -> None:
        """Delete a validation rule; ``Unknown`` if there is none of that name."""
        sobject_name, _, name = full_name.partition(".")
        sobject = self.sobject(sobject_name)
        with self._org.store.database.lock:
            if not self._org.schema.drop_rule(sobject.name, name):
                raise Unknown(f"no validation rule {name!r} on {sobject.name}{nearest(name, sobject.validation_rules)}")
            self._org.keep_schema()

    def put_field(self, full_name: str, words: Mapping[str, Any], access: FieldAccess, *, owner: str) -> Field:
        """Create the custom field ``Lead.Region__c`` from the words of sfdx, or replace the one of that name.

        It is granted to the profile ``owner`` and, to edit, to System Administrator; to nobody else.

        Raises:
            Unknown: there is no such sobject.
            WordsRefused: with everything that is wrong with the words.
            FormulaError: its formula, or that of its default, does not compile.
            Refused: a rule or formula that stands on the field would not compile any more.

        """
        sobject = self.sobject(full_name.partition(".")[0])
        fields = custom_fields(self._org.schema, full_name, words)
        after = self._schema_after()
        for each in fields:
            after.put_field(sobject.name, each)
        field = fields[0]
        changed = after[sobject.name]
        if field.formula is not None:
            compile_formula(field.formula, names_for(after, changed, "field", field))
        if field.default_value_formula is not None:
            compile_formula(field.default_value_formula, names_for(after, changed, "default", field))
        self._refuse_what_breaks(f"{sobject.name}.{field.name}", after)
        with self._org.store.database.transaction():
            for each in fields:
                self._org.schema.put_field(sobject.name, each)
            self._org.keep_schema()
            security = self._org.security
            security.field_replaced(sobject.name, field.name)
            security.grant_new_field(sobject.name, field.name, "edit", owners=[SYSTEM_ADMINISTRATOR])
            security.grant_new_field(sobject.name, field.name, access, owners=[owner])
        return field

    def drop_field(self, full_name: str) -> None:
        """Delete a custom field with its values and permissions.

        Raises:
            Unknown: there is no such sobject or field.
            WordsRefused: it is a standard field, or controls a picklist.
            Refused: a rule or formula stands on it.

        """
        sobject, field = self.field(full_name)
        after = self._schema_after()
        drop_custom_field(after, sobject.name, field.name)
        self._refuse_what_breaks(f"{sobject.name}.{field.name}", after)
        with self._org.store.database.transaction():
            self._org.security.forget_field(sobject.name, field.name)
            drop_custom_field(self._org.schema, sobject.name, field.name)
            self._org.keep_schema()

    def sobject(self, name: str) -> SObject:
        """The sobject of that name; ``Unknown`` names the nearest."""
        found = self._org.schema.get(name)
        if found is None:
            raise Unknown(f"no sobject {name!r}{nearest(name, self._org.schema.names())}")
        return found

    def field(self, full_name: str) -> tuple[SObject, Field]:
        """The field that ``Lead.Rating`` names, and its sobject; ``Unknown`` names the nearest."""
        sobject_name, _, name = full_name.partition(".")
        sobject = self.sobject(sobject_name)
        found = sobject.field(name)
        if found is None:
            raise Unknown(f"no field {name!r} on {sobject.name}{nearest(name, sobject.fields)}")
        return sobject, found

    def _schema_after(self) -> Schema:
        """A copy of the schema to try a change on."""
        after = Schema()
        after.restore(self._org.schema.snapshot())
        return after

    def _refuse_what_breaks(self, full_name: str, after: Schema) -> None:
        """Salesforce changes or deletes no field under a formula that would then be wrong."""
        before = dict(_formulas(self._org.schema))
        broken = []
        for what, problem in _formulas(after):
            if problem is not None and what in before and before[what] is None:
                broken.append(f"{what} ({problem})")
        if broken:
            raise Refused(f"{full_name} is in use, and would break {', '.join(broken)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """What follows a message about an unknown name: the one that was probably meant, or nothing."""
    by_lower = {each.lower(): each for each in known}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[found[0]]}?" if found else ""


def _formulas(schema: Schema) -> Iterator[tuple[str, str | None]]:
    """Every rule, formula field and default of an org, each with what is wrong with it or None."""
    for name in schema.names():
        sobject = schema[name]
        for rule in sobject.validation_rules.values():
            yield f"validation rule {name}.{rule.name}", _problem(schema, sobject, "rule", rule.formula)
        for field in sobject.fields.values():
            full_name = f"{name}.{field.name}"
            if field.formula is not None:
                yield f"formula {full_name}", _problem(schema, sobject, "field", field.formula, field)
            if field.default_value_formula is not None:
                problem = _problem(schema, sobject, "default", field.default_value_formula, field)
                yield f"default of {full_name}", problem


def _problem(schema: Schema, sobject: SObject, kind: str, text: str, field: Field | None = None) -> str | None:
    try:
        compile_formula(text, names_for(schema, sobject, kind, field))
    except FormulaError as error:
        return error.message
    return None
