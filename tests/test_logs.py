"""The log says what happened where, without anybody's data."""

import logging

import pytest
from django.urls import path

from firstbell.logs import QuietFormatter


def quote_row(token):
    raise ValueError(f"Failing row contains ({token}, Ana María)")


def breaks(_request, token):
    try:
        quote_row(token)
    except ValueError as error:
        raise RuntimeError("Ana María again") from error


urlpatterns = [path("status/<str:token>", breaks)]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/status/canary-7", "/nowhere/canary-7?name=canary-7"])
def test_requests_are_named_by_route_and_errors_by_type(client, caplog, address):
    client.raise_request_exception = False
    client.get(address)
    formatter = QuietFormatter("{levelname} {message}", style="{")
    written = "\n".join(formatter.format(record) for record in caplog.records)
    assert "canary" not in written
    assert "Ana" not in "".join(line for line in written.splitlines() if not line.startswith("    "))
    assert "status/<str:token>" in written or "404 GET (no such address)" in written


def test_the_types_of_all_causes_are_told():
    with pytest.raises(RuntimeError) as caught:
        breaks(None, "x")
    told = QuietFormatter().formatException((caught.type, caught.value, caught.tb))
    assert told.index("builtins.RuntimeError") < told.index("builtins.ValueError")
    assert told.endswith("ValueError")


def test_ordinary_messages_stay_as_they_are():
    record = logging.LogRecord("firstbell", logging.INFO, "", 0, "%s imported", (3,), None)
    assert QuietFormatter("{message}", style="{").format(record) == "3 imported"
