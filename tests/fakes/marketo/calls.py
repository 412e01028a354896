"""A client of the fake as short as a test wants it."""

from __future__ import annotations


class Calls:
    def __init__(self, app, client_id="syncrig", secret="syncrig-secret"):
        self.http = app.test_client()
        self.client_id, self.secret = client_id, secret
        self.token = self.identity()["access_token"]

    def identity(self, **changed):
        query = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.secret,
            **changed,
        }
        return self.http.get("/identity/oauth/token", query_string=query or None).json

    def raw(self, method, path, **kwargs):
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        return self.http.open(path, method=method, headers=headers, **kwargs)

    def get(self, path, **query):
        return self.raw("GET", path, query_string=query or None).json

    def post(self, path, body=None, **query):
        return self.raw("POST", path, json=body, query_string=query or None).json

    def result(self, path, **query):
        answer = self.get(path, **query)
        assert answer["success"], answer
        return answer["result"]

    def sync(self, *records, **members):
        answer = self.post("/rest/v1/leads.json", {"input": list(records), **members})
        assert answer["success"], answer
        return answer["result"]

    def lead(self, lead_id, *fields):
        (lead,) = self.result(f"/rest/v1/lead/{lead_id}.json", fields=",".join(fields))
        return lead

    def token_since(self, since="2026-01-01T00:00:00Z"):
        return self.get("/rest/v1/activities/pagingtoken.json", sinceDatetime=since)["nextPageToken"]

    def activities(self, *types, since="2026-01-01T00:00:00Z", **query):
        return self.result(
            "/rest/v1/activities.json",
            nextPageToken=self.token_since(since),
            activityTypeIds=",".join(map(str, types)),
            **query,
        )

    def changes(self, *fields, since="2026-01-01T00:00:00Z"):
        return self.result(
            "/rest/v1/activities/leadchanges.json", nextPageToken=self.token_since(since), fields=",".join(fields)
        )


def error(answer):
    """Code and message of a call that was refused as a whole."""
    assert answer["success"] is False, answer
    (first,) = answer["errors"]
    return first["code"], first["message"]


def reason(row):
    """Code and message of a record that was skipped."""
    assert row["status"] == "skipped", row
    (first,) = row["reasons"]
    return first["code"], first["message"]


def attributes(activity):
    return {attribute["name"]: attribute["value"] for attribute in activity["attributes"]}
