"""Which requests of a cycle are writes."""

import pytest

from fakes.pytest_plugin.cycles import is_write

DATA = "/services/data/v63.0"


def exchange(method, path, request="", query=""):
    return {"method": method, "path": path, "request": request, "query": query}


@pytest.mark.parametrize(
    ("request_", "writes"),
    [
        pytest.param(exchange("GET", f"{DATA}/query/"), False, id="a query"),
        pytest.param(exchange("POST", "/services/oauth2/token"), False, id="a login of Salesforce"),
        pytest.param(exchange("POST", "/services/Soap/u/63.0"), False, id="a SOAP login"),
        pytest.param(exchange("GET", "/identity/oauth/token"), False, id="a login of Marketo"),
        pytest.param(
            exchange("PATCH", f"{DATA}/composite/sobjects", '{"records": []}'), True, id="an update of records"
        ),
        pytest.param(
            exchange("POST", f"{DATA}/composite/sobjects", '{"records": []}'), True, id="a creation of records"
        ),
        pytest.param(
            exchange("POST", f"{DATA}/composite/sobjects/Lead", '{"ids": [], "fields": []}'), False, id="a retrieval"
        ),
        pytest.param(exchange("POST", f"{DATA}/sobjects/Lead/", "{}"), True, id="a creation of one record"),
        pytest.param(exchange("DELETE", f"{DATA}/sobjects/Lead/00Q"), True, id="a deletion"),
        pytest.param(exchange("POST", "/rest/v1/leads.json", "{}"), True, id="a sync of leads"),
        pytest.param(
            exchange("POST", "/rest/v1/leads.json", "filterType=id", "_method=GET"), False, id="a long read of leads"
        ),
        pytest.param(
            exchange("POST", "/rest/v1/leads.json", "_method=GET&filterType=id"), False, id="the same, said in the body"
        ),
        pytest.param(exchange("POST", "/rest/v1/activities/external.json", "{}"), True, id="an activity"),
    ],
)
def test_what_counts_as_a_write(request_, writes):
    assert is_write(request_) is writes
