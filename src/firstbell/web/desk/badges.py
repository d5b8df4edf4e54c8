"""The code on a person's badge: at the desk it leads to the person, to everybody else it is no code at all."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from firstbell.directory.actions import renew_badge
from firstbell.directory.models import Person
from firstbell.directory.queries import person_by_badge
from firstbell.kernel.roles import Permission
from firstbell.web.asking import act_of, one
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt
from firstbell.web.street.start import unknown


def badge(request: FirstbellRequest, code: str) -> HttpResponse:
    """Lead to the person, for those who reach them. The answer to all others is that of a code that never was."""
    if request.user.is_authenticated and request.actor.may(Permission.SEE_PEOPLE):
        person = person_by_badge(code, by=request.actor)
        if person:
            return redirect("person", person.pk)
    return unknown(request, "")


@require_POST
def renew(request: FirstbellRequest, pk: int) -> HttpResponse:
    """Make the badge of a person void and give them another code."""
    person = one(Person.objects.visible_to(request.actor), pk=pk)
    refusal = attempt(lambda: renew_badge(person_id=person.pk, **act_of(request)))
    if refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The old badge is void. Print the new one."))
    return HttpResponseRedirect(f"/people/{person.pk}")
