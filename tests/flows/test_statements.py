"""How many statements the motions of a busy desk send: a number that grows is a query somebody has repeated."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from firstbell.flows.desk import swap_at_desk
from firstbell.flows.report import report_problem
from firstbell.kernel.actor import REPORTER
from firstbell.tickets.actions import Report
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db
SWAP, SWAP_OF_A_REPORTED_DEVICE, REPORT = 41, 39, 14
"""Begin and end of the transaction included."""


def _swap(*, reported: bool) -> int:
    town = make.district()
    here = town.schools[0]
    owner = make.person(here.site)
    broken, loaner = make.device(town, here, owner=owner), make.loaner(town, here)
    if reported:
        _report(here, broken.pk)
    at, op = make.MONDAY, make.op()
    with CaptureQueriesContext(connection) as caught:
        swap_at_desk(device_id=broken.pk, loaner_id=loaner.pk, symptom="cracked", by=here.lead_actor, at=at, op=op)
    return len(caught)


def _report(here: make.School, device_id: int | None = None) -> int:
    report = Report(site_id=here.site.pk, symptom="cracked", place_id=here.places["room"].pk, device_id=device_id)
    with CaptureQueriesContext(connection) as caught:
        report_problem(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=make.MONDAY, op=make.op())
    return len(caught)


def test_a_swap_asks_no_more_than_it_needs():
    counts = _swap(reported=False), _swap(reported=True)
    assert counts[0] <= SWAP
    assert counts[1] <= SWAP_OF_A_REPORTED_DEVICE


def test_a_report_asks_no_more_than_it_needs():
    count = _report(make.district().schools[0])
    assert count <= REPORT
