"""The small HTTP app of ``syncengine serve``: flow actions from Marketo, and what a console wants to know.

A real instance calls it from a *Call Webhook* step with a fixed header and body: a webhook cannot sign, so the shared
secret in ``X-Syncrig-Secret`` is the whole proof. Source: Marketo product documentation, "Call Webhook".
"""

from __future__ import annotations

import hmac
import ipaddress
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, request

from .clients.errors import ClientError, Retry
from .errors import Busy, SyncError

if TYPE_CHECKING:
    from .engine import Engine

SECRET_HEADER = "X-Syncrig-Secret"  # noqa: S105  the header's name, not a secret

ACTIONS = (
    "sync_person_to_sfdc",
    "change_owner",
    "convert_person",
    "add_to_sfdc_campaign",
    "change_status_in_sfdc_campaign",
    "remove_from_sfdc_campaign",
    "create_task",
    "delete_person_from_sfdc",
)
"""The flow actions of a native sync; only the first is done so far."""

LARGEST_BODY = 64 * 1024


class Refused(Exception):
    """A call that we do not answer; ``status`` is HTTP's number for why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def create_app(engine: Engine, *, write: bool) -> Flask:
    """The app of one engine; without ``write`` every answer only says what would be done."""
    app = Flask("syncengine")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.before_request
    def guard() -> None:
        """Nobody but this machine without the secret, and no web page from elsewhere even here.

        Raises:
            Refused: somebody else.
        """
        if request.path == "/health":
            return
        if request.path == "/flow-actions" or not _from_here():
            check_secret(engine.settings.engine_secret)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Any:
        return {"error": error.message}, error.status

    @app.errorhandler(404)
    @app.errorhandler(405)
    @app.errorhandler(413)
    def unknown(error: Any) -> Any:
        return {"error": str(error.name)}, error.code

    @app.errorhandler(Retry)
    @app.errorhandler(Busy)
    def again(error: Exception) -> Any:
        return {"error": str(error)}, 503

    @app.errorhandler(ClientError)
    @app.errorhandler(SyncError)
    def stopped(error: Exception) -> Any:
        return {"error": str(error)}, 502 if isinstance(error, ClientError) else 409

    @app.get("/health")
    def health() -> Any:
        return {"ready": True, "version": version("syncrig"), "write": write}

    @app.post("/flow-actions")
    def flow_action() -> Any:
        action, lead_id, action_id, assign_to = _flow_action()
        if action != ACTIONS[0]:
            return _failed(f"the flow action {action} is not supported yet")
        try:
            result = engine.sync_person(lead_id, action_id=action_id, assign_to=assign_to, write=write)
        except (Retry, Busy) as error:
            return _failed(str(error)), 503
        except (ClientError, SyncError) as error:
            return _failed(str(error))
        return flow_answer(result)

    @app.post("/cycle")
    def cycle() -> Any:
        return engine.run_once(write=write)

    @app.get("/plan")
    def plan() -> Any:
        return engine.run_once(write=False)

    @app.get("/status")
    def status() -> Any:
        return engine.status() | {"write": write}

    @app.get("/why")
    def why() -> Any:
        return {"error": "why is not supported yet"}, 501

    return app


def check_secret(secret: str) -> None:
    """Let a call pass that knows the secret; the comparison takes as long for a near miss as for a far one.

    Raises:
        Refused: it does not, or there is none to know.
    """
    if not secret:
        raise Refused(403, "no secret is set: put one into SYNCRIG_ENGINE_SECRET, here and where the calls come from")
    if not hmac.compare_digest(request.headers.get(SECRET_HEADER, "").encode(), secret.encode()):
        raise Refused(401, f"{SECRET_HEADER} is missing or wrong")


def flow_answer(result: Any) -> dict[str, Any]:
    """The answer to a flow-action call, from a ``flow_actions.FlowResult``."""
    return {
        "status": result.status,
        "sfdcId": result.sfdc_id,
        "sfdcType": result.sfdc_type,
        "error": result.error,
    }


def _flow_action() -> tuple[str, int, str, str]:
    """Action, lead, id and owner of a flow-action call.

    Raises:
        Refused: it says something else.
    """
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "the body is no JSON object")
    action, action_id, lead_id = body.get("action"), body.get("id"), body.get("leadId")
    if action not in ACTIONS:
        raise Refused(400, f"action: {action!r} is none of {', '.join(ACTIONS)}")
    if not isinstance(action_id, str) or not action_id:
        raise Refused(400, "id: a text is wanted, the same whenever this action is asked for again")
    if isinstance(lead_id, str) and lead_id.isdigit():
        lead_id = int(lead_id)  # a webhook's body is text with tokens in it
    if not isinstance(lead_id, int) or isinstance(lead_id, bool) or lead_id < 1:
        raise Refused(400, "leadId: the id of a Marketo lead is wanted")
    parameters = body.get("parameters", {})
    if not isinstance(parameters, dict):
        raise Refused(400, "parameters: an object is wanted")
    assign_to = parameters.get("assignTo") or "auto"
    if not isinstance(assign_to, str):
        raise Refused(400, "parameters.assignTo: auto, or the id of a user or queue")
    return action, lead_id, action_id, assign_to


def _failed(error: str) -> dict[str, Any]:
    return {"status": "failed", "sfdcId": None, "sfdcType": None, "error": error}


def _from_here() -> bool:
    """Whether a program on this machine calls; a web page that lured a browser here shows in Host or Origin."""
    origin = request.headers.get("Origin")
    names = [urlsplit(f"//{request.host}").hostname] + ([urlsplit(origin).hostname] if origin else [])
    try:
        caller = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return caller and all(name is not None and _is_local(name) for name in names)


def _is_local(name: str) -> bool:
    if name == "localhost" or name.endswith((".localhost", ".test")):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
