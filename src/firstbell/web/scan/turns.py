"""A homeroom's list for the phone that hands out: whose turn it is. The phone shows names and keeps only numbers."""

from django.http import HttpResponse, JsonResponse

from firstbell.kernel.errors import Missing
from firstbell.seasons.queries import homerooms, open_hand_out
from firstbell.web.desk.handing_out import list_of
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.scan.bundle import VALID, handle


def turns(request: FirstbellRequest, group: int) -> HttpResponse:
    """Return the students of a homeroom in order; ``who`` is the handle by which the phone knows owners today."""
    found = homerooms(by=request.actor).filter(pk=group).first()
    hand_out = open_hand_out(group) if found else None
    if found is None or hand_out is None:
        raise Missing("HandOut")
    day = request.at.date().isoformat()
    students = [
        {
            "person": line["person"].pk,
            "who": handle("person", line["person"].pk, day),
            "name": line["person"].display_name,
            "state": line["state"],
        }
        for line in list_of(found, hand_out)
    ]
    return JsonResponse({"until": (request.at + VALID).isoformat(), "title": found.title, "students": students})
