"""A refusal is shown where it happened: the same page again, with the sentence and what to do instead."""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.translation import gettext as _

from firstbell.decisions.register import BY_KEY
from firstbell.kernel.errors import Refused, Stale
from firstbell.web.errors import STATUS_REFUSED, STATUS_STALE


def attempt(verb: Callable[[], object]) -> Refused | None:
    """Call a verb; return its refusal, if it refuses."""
    try:
        verb()
    except Refused as refusal:
        return refusal
    return None


def status_of(refusal: Refused | None) -> int:
    """Return the status of a page that shows this refusal, or none."""
    if refusal is None:
        return 200
    return STATUS_STALE if isinstance(refusal, Stale) else STATUS_REFUSED


def told(refusal: Refused | None, instead: str = "") -> dict[str, object]:
    """Return what the refusal's part of a page wants to know."""
    if refusal is None:
        return {}
    question = BY_KEY.get(refusal.decision or "")
    return {
        "why": refusal.sentence,
        "code": refusal.code,
        "tag": refusal.facts.get("tag", ""),
        "decision": question.title if question else "",
        "who": _("the district's IT leadership") if question else "",
        "instead": instead,
    }


def next_address(request: HttpRequest) -> str:
    """Return the page that the form wants to go back to, to be handed on in it."""
    return request.POST.get("next", "") or request.GET.get("next", "")
