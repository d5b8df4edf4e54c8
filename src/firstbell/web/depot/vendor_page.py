"""A vendor: what it answers to our questions (S80-S88), what its words mean, and the news that it sends."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from firstbell.connectors.vendor_feed import NotAFeed, Row, read_feed, read_mail
from firstbell.directory.models import Site
from firstbell.flows.vendor_news import What, look_through, take_feed
from firstbell.kernel.errors import Missing, Refused
from firstbell.kernel.roles import Permission
from firstbell.vendors.actions import keep_feed, map_word, note_answer
from firstbell.vendors.models import Feed, VendorStatus
from firstbell.vendors.queries import answer_rows, unmapped, vendors, words_of
from firstbell.vendors.questions import QUESTIONS
from firstbell.web.asking import act_of, new_operation
from firstbell.web.middleware import FirstbellRequest
from firstbell.web.refusing import attempt, status_of, told

LARGEST = 2 * 1024 * 1024
SHOWN = 200
BECOMES = {
    What.NEWS: gettext_lazy("news"),
    What.UNMAPPED: gettext_lazy("kept; nobody has said what the word means"),
    What.SAME: gettext_lazy("nothing new"),
    What.UNKNOWN: gettext_lazy("left out: no open case by that name"),
    What.TWICE: gettext_lazy("left out: named above already"),
    What.NOT_SENT: gettext_lazy("left out: it was not sent yet"),
}


def _vendor(code: str) -> Site:
    found = vendors().filter(code=code.upper()).first()
    if found is None:
        raise Missing("Site")
    return found


@require_safe
def page(request: FirstbellRequest, code: str) -> HttpResponse:
    """Show a vendor."""
    return _show(request, _vendor(code))


def _show(request: FirstbellRequest, vendor: Site, refusal: Refused | None = None) -> HttpResponse:
    noted = answer_rows(vendor.pk)
    labels = dict(VendorStatus.choices)
    context: dict[str, Any] = {
        "vendor": vendor,
        "questions": [(question, noted.get(question.key)) for question in QUESTIONS],
        "answers": [
            (question.title, question.in_words(noted[question.key].value))
            for question in QUESTIONS
            if question.key in noted
        ],
        "unanswered": len(QUESTIONS) - len(noted),
        "words": [(word, labels[means]) for word, means in words_of(vendor.pk).items()],
        "unmapped": unmapped(by=request.actor, vendor_id=vendor.pk),
        "means": VendorStatus.choices,
        "feeds": Feed.objects.filter(vendor=vendor).select_related("handed_in_by").order_by("-handed_in_at")[:10],
        "may_set": request.actor.sites(Permission.DECIDE) is None,
        "typed": request.POST,
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/vendor.html", context, status=status_of(refusal))


def _do(request: FirstbellRequest, code: str, doing: Callable[[Site], object], said: str) -> HttpResponse:
    vendor = _vendor(code)
    refusal = attempt(lambda: doing(vendor))
    if refusal:
        return _show(request, vendor, refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("vendor", args=[vendor.code]))


@require_POST
def answer(request: FirstbellRequest, code: str) -> HttpResponse:
    """Write down one answer."""
    sent = request.POST
    return _do(
        request,
        code,
        lambda vendor: note_answer(
            vendor_id=vendor.pk,
            key=sent.get("key", ""),
            value=sent.get("value", ""),
            clause=sent.get("clause", ""),
            **act_of(request),
        ),
        _("The answer is kept."),
    )


@require_POST
def word(request: FirstbellRequest, code: str) -> HttpResponse:
    """Say what one of the vendor's words means."""
    typed, means = request.POST.get("word", ""), request.POST.get("means", "")

    def doing(vendor: Site) -> None:
        if means not in VendorStatus.values:
            raise Refused("not_an_option", _("Choose one of the answers offered."))
        map_word(vendor_id=vendor.pk, word=typed, means=VendorStatus(means), **act_of(request))

    return _do(request, code, doing, _("From now on we know what it means."))


# --- News ----------------------------------------------------------------------------------------------------------


@require_POST
def hand_in(request: FirstbellRequest, code: str) -> HttpResponse:
    """Keep a vendor's list, or the text of its mail, to be looked through."""
    vendor, made = _vendor(code), list[Feed]()
    refusal = attempt(lambda: made.append(keep_feed(vendor_id=vendor.pk, rows=_rows(request), **act_of(request))))
    return _show(request, vendor, refusal) if refusal else redirect("vendor_feed", made[0].pk)


def _rows(request: FirstbellRequest) -> list[Row]:
    file, text = request.FILES.get("list"), request.POST.get("text", "")
    if file is None and not text.strip():
        raise Refused("no_file", _("Choose a file that holds something."))
    if file is not None and (file.size or 0) > LARGEST:
        raise Refused("file_too_large", _("The file is larger than {mb} MB. Split it."), mb=LARGEST // 1024 // 1024)
    try:
        return read_feed(file.read()) if file is not None else read_mail(text[:LARGEST])
    except NotAFeed as error:
        sentence = _(
            "The list needs a column for the status, and one for the case number, the serial or the asset tag."
        )
        raise Refused("not_a_feed", sentence) from error


def _feed(feed_id: int) -> Feed:
    found = Feed.objects.select_related("vendor", "handed_in_by").filter(pk=feed_id).first()
    if found is None:
        raise Missing("Feed")
    return found


@require_safe
def feed_page(request: FirstbellRequest, feed: int) -> HttpResponse:
    """Show a vendor's list with what would become of each line."""
    return _show_feed(request, _feed(feed))


def _show_feed(request: FirstbellRequest, feed: Feed, refusal: Refused | None = None) -> HttpResponse:
    lines = look_through(feed, by=request.actor) if feed.taken_at is None else []
    counts = Counter(line.what for line in lines)
    context = {
        "feed": feed,
        "vendor": feed.vendor,
        "lines": [(line, BECOMES[line.what]) for line in lines[:SHOWN]],
        "more": max(0, len(lines) - SHOWN),
        "counts": [(label, counts[what]) for what, label in BECOMES.items() if counts[what]],
        "news": counts[What.NEWS] + counts[What.UNMAPPED],
        "refusal": told(refusal),
        "op": new_operation(),
    }
    return render(request, "depot/vendor_feed.html", context, status=status_of(refusal))


@require_POST
def take(request: FirstbellRequest, feed: int) -> HttpResponse:
    """Take a vendor's list over as it was looked through."""
    found = _feed(feed)
    refusal = attempt(lambda: take_feed(feed_id=found.pk, **act_of(request)))
    if refusal:
        return _show_feed(request, found, refusal)
    messages.success(request, _("The news are taken over."))
    return redirect("vendor", found.vendor.code)
