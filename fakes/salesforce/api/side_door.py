"""The side door of the fake Salesforce: what an administrator changes in Setup, without a browser.

Field permissions, validation rules and custom fields; what both fakes share is in :mod:`fakes.kit.control`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, jsonify, request

from fakes.kit.control import SideDoorRefused, json_object
from fakes.salesforce.access import CannotPermit, NoSuchOwner, field_access
from fakes.salesforce.custom_fields import WordsRefused
from fakes.salesforce.formula import FormulaError
from fakes.salesforce.setup import Refused, Setup, Unknown, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue

    from fakes.salesforce.access import FieldAccess, OwnerKind
    from fakes.salesforce.org import Org


def create(org: Org) -> Blueprint:
    """The routes of one org; ``create_app`` registers them before it installs the common side door."""
    door = Blueprint("salesforce_side_door", __name__, url_prefix="/_fake")
    setup = Setup(org)

    @door.put("/field-permissions/<full_name>")
    def put_field_permission(full_name: str) -> ResponseReturnValue:
        body = _body({"access", "profile", "permissionSet"}, required={"access"})
        return set_access(full_name, field_access(body["access"]), body)

    @door.delete("/field-permissions/<full_name>")
    def delete_field_permission(full_name: str) -> ResponseReturnValue:
        return set_access(full_name, "hidden", request.args)

    def set_access(full_name: str, access: FieldAccess, named: Mapping[str, Any]) -> ResponseReturnValue:
        owner, kind = _owner(named)
        if owner is None:
            owner, kind = sync_profile(), "profile"
        setup.set_field_access(full_name, access, owner=owner, kind=kind)
        sobject, field = setup.field(full_name)
        effective = org.user(org.sync_username).access
        reads, edits = (
            effective.can_read(sobject.name, field.name),
            effective.can_edit(sobject.name, field.name),
        )
        return {
            "field": f"{sobject.name}.{field.name}",
            "access": access,
            "owner": owner,
            # A permission set can grant what the profile hides, so say what the sync really meets.
            "syncUser": "edit" if edits else "read" if reads else "hidden",
        }

    @door.put("/validation-rules/<full_name>")
    def put_validation_rule(full_name: str) -> ResponseReturnValue:
        body = _body({"formula", "message", "field", "active"}, required={"formula", "message"})
        active = body.get("active", True)
        texts = {key: body.get(key) for key in ("formula", "message", "field")}
        problems = [
            f"{key}: a text, not {value!r}"
            for key, value in texts.items()
            if not isinstance(value, str) and not (key == "field" and value is None)
        ]
        if not isinstance(active, bool):
            problems.append(f"active: true or false, not {active!r}")
        if problems:
            raise SideDoorRefused(HTTPStatus.BAD_REQUEST, *problems)
        rule = setup.put_rule(
            full_name,
            formula=body["formula"],
            message=body["message"],
            field=body.get("field"),
            active=active,
        )
        return {
            "rule": f"{rule.sobject}.{rule.name}",
            "formula": rule.formula,
            "message": rule.message,
            "field": rule.field,
            "active": rule.active,
        }

    @door.delete("/validation-rules/<full_name>")
    def delete_validation_rule(full_name: str) -> ResponseReturnValue:
        setup.drop_rule(full_name)
        return {"deleted": full_name}

    @door.put("/fields/<full_name>")
    def put_field(full_name: str) -> ResponseReturnValue:
        words = json_object()
        access = field_access(words.get("access", "edit"))
        field = setup.put_field(full_name, words, access, owner=sync_profile())
        sobject, _ = setup.field(full_name)
        return {"field": f"{sobject.name}.{field.name}", "type": field.type, "access": access}

    @door.delete("/fields/<full_name>")
    def delete_field(full_name: str) -> ResponseReturnValue:
        setup.drop_field(full_name)
        return {"deleted": full_name}

    def sync_profile() -> str:
        return org.user(org.sync_username).access.profile_name

    @door.errorhandler(SideDoorRefused)
    def refused(error: SideDoorRefused) -> ResponseReturnValue:
        return _errors(error.status, *error.messages)

    @door.errorhandler(Unknown)
    @door.errorhandler(NoSuchOwner)
    def unknown(error: Exception) -> ResponseReturnValue:
        return _errors(HTTPStatus.NOT_FOUND, str(error))

    @door.errorhandler(CannotPermit)
    @door.errorhandler(Refused)
    def not_done(error: Exception) -> ResponseReturnValue:
        return _errors(HTTPStatus.BAD_REQUEST, str(error))

    @door.errorhandler(WordsRefused)
    def wrong_words(error: WordsRefused) -> ResponseReturnValue:
        if error.not_modelled:
            org.journal.not_modelled("type of custom field", str(json_object().get("type")))
        return _errors(HTTPStatus.BAD_REQUEST, *error.problems)

    @door.errorhandler(FormulaError)
    def wrong_formula(error: FormulaError) -> ResponseReturnValue:
        problem = {"message": error.message, "line": error.line, "column": error.column}
        return jsonify({"errors": [problem]}), HTTPStatus.BAD_REQUEST

    return door


def _body(known: set[str], *, required: set[str]) -> dict[str, Any]:
    """The request's object, complete and without a key that means nothing here."""
    body = json_object()
    problems = [f"{key}: unknown key{nearest(key, known)}" for key in body if key not in known]
    problems += [f"{key}: required" for key in sorted(required - body.keys())]
    if problems:
        raise SideDoorRefused(HTTPStatus.BAD_REQUEST, *problems)
    return body


def _owner(named: Mapping[str, Any]) -> tuple[str | None, OwnerKind | None]:
    profile, permission_set = named.get("profile"), named.get("permissionSet")
    if profile is not None and permission_set is not None:
        raise SideDoorRefused(HTTPStatus.BAD_REQUEST, "give a profile or a permissionSet, not both")
    if profile is not None:
        return str(profile), "profile"
    return (None, None) if permission_set is None else (str(permission_set), "permissionSet")


def _errors(status: int, *messages: str) -> ResponseReturnValue:
    return jsonify({"errors": [{"message": message} for message in messages]}), status
