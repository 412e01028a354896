"""The app of an org, and a caller who is logged in."""

from __future__ import annotations

import pytest

from fakes.salesforce.app import create_app


class Caller:
    """Calls the REST API as one user; paths begin behind the version."""

    def __init__(self, org, user, version="63.0"):
        self.http = create_app(org).test_client()
        self.token = org.sessions.open(user.id).token
        self.version = version

    def at(self, version):
        self.version = version
        return self

    def call(self, method, path, body=None, **options):
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        if not path.startswith("/services"):
            path = f"/services/data/v{self.version}/{path}"
        if body is not None:
            options["json"] = body
        return self.http.open(path, method=method, headers=headers, **options)

    def get(self, path, **options):
        return self.call("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.call("POST", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.call("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.call("DELETE", path, **options)

    def create(self, sobject, **values):
        answer = self.post(f"sobjects/{sobject}", values)
        assert answer.status_code == 201, answer.text
        return answer.json["id"]


@pytest.fixture
def as_sync():
    """Makes a caller who is the sync user of an org."""
    return lambda org: Caller(org, org.sync_user)


@pytest.fixture
def as_admin():
    return lambda org: Caller(org, org.administrator)


@pytest.fixture
def api(org, as_sync):
    return as_sync(org)
