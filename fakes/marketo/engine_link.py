"""The one call that the Salesforce flow steps make: to whoever runs the sync.

A real instance makes it with a Call Webhook step, which can send a fixed header and body and waits 30 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

TRIES = 3
TIMEOUT = 30.0
STATUSES = ("done", "skipped", "failed")


class EngineUnreachable(Exception):
    """No usable answer; the message is what the activity log shows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a flow action."""

    status: str
    sfdc_id: str | None
    sfdc_type: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class EngineLink:
    """Where the engine listens. The session is handed in so that a test can mount an app in this process on it."""

    url: str
    secret: str = ""
    session: requests.Session = field(default_factory=requests.Session, repr=False, compare=False)

    def call(
        self, *, action_id: str, action: str, lead_id: int, campaign_id: int, parameters: dict[str, Any]
    ) -> Answer:
        """Run one flow action; one id has one effect, so that a call nobody answered can be made again.

        Raises:
            EngineUnreachable: nobody listens, after three tries; no answer in 30 seconds; or no usable one.
        """
        body = {
            "id": action_id,
            "action": action,
            "leadId": lead_id,
            "campaignId": campaign_id,
            "parameters": parameters,
        }
        response = self._post(body)
        if response.status_code != requests.codes.ok:
            raise EngineUnreachable(f"the sync engine answered HTTP {response.status_code}")
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = None
        if not isinstance(answer, dict) or answer.get("status") not in STATUSES:
            raise EngineUnreachable("the sync engine gave no usable answer")
        return Answer(answer["status"], answer.get("sfdcId"), answer.get("sfdcType"), answer.get("error"))

    def _post(self, body: dict[str, Any]) -> requests.Response:
        for left in reversed(range(TRIES)):
            try:
                return self.session.post(
                    f"{self.url.rstrip('/')}/flow-actions",
                    json=body,
                    headers={"X-Syncrig-Secret": self.secret},
                    timeout=TIMEOUT,
                )
            except requests.ConnectionError:
                if not left:
                    raise EngineUnreachable(f"no sync engine listens at {self.url}") from None
            except requests.Timeout:
                raise EngineUnreachable(f"the sync engine did not answer within {TIMEOUT:.0f} seconds") from None
            except requests.RequestException as problem:
                raise EngineUnreachable(f"the sync engine cannot be called: {problem}") from None
        raise EngineUnreachable(f"no sync engine listens at {self.url}")
