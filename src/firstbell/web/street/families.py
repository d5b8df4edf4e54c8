"""How device help works here, for families: from the plan in force, in the reader's language, without an account."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.decisions.queries import Plan, latest_edition, plan
from firstbell.decisions.register import (
    FEES,
    FEES_APPEAL_DAYS,
    FEES_PARTS,
    FOUND_REFUND,
    HAND_BACK_DAYS,
    HAND_BACK_TO,
    INTAKE_PLACE,
    LOAN_DAYS,
    PICKUP_READING,
    POLICE_DAYS,
    REPAIR_DAYS,
    SEARCH_DAYS,
    STAND_IN,
    STUDENT_CHANNELS,
)
from firstbell.fees.models import FeePolicy
from firstbell.kernel.clock import utc_now
from firstbell.web.plan_words import Line, fee_lines, now_in_force


@dataclass(frozen=True)
class Part:
    """One part of the page: a heading, sentences, and what costs what."""

    title: str
    sentences: list[str]
    icon: str
    rows: tuple[Line, ...] = ()


def page(request: HttpRequest) -> HttpResponse:
    """Show how it works; nothing here is about anybody."""
    answers = plan()
    parts = [_report(answers), _meanwhile(answers), _repair(answers), _lost(answers), _costs(answers)]
    return render(request, "street/families.html", {"parts": parts, "edition": latest_edition()})


def _report(answers: Plan) -> Part:
    ways = STUDENT_CHANNELS.in_words(answers.says(STUDENT_CHANNELS))
    where = INTAKE_PLACE.in_words(answers.says(INTAKE_PLACE))
    return Part(
        _("Something is wrong with a device"),
        [
            _("Students ask for help in these ways: {ways}.").format(ways=ways),
            _("A device that has to be repaired is handed in at school: {where}.").format(where=where),
            _("A family reports with the code on the device, or with the tag below it. No account is needed."),
        ],
        "qr",
    )


def _meanwhile(answers: Plan) -> Part:
    if answers.says(STAND_IN) == "swap":
        said = _("The student gets another device at once and keeps it.")
    else:
        days = answers.says(LOAN_DAYS)
        said = ngettext(
            "The student gets a loaner, for {n} school day at first. It goes back when the own device returns.",
            "The student gets a loaner, for {n} school days at first. It goes back when the own device returns.",
            days,
        ).format(n=days)
    return Part(_("Meanwhile"), [said], "loaner")


def _repair(answers: Plan) -> Part:
    days, back = answers.says(REPAIR_DAYS), answers.says(HAND_BACK_DAYS)
    within = PICKUP_READING.in_words(answers.says(PICKUP_READING))
    return Part(
        _("The repair"),
        [
            _("The courier fetches it, and later brings it back, each within {time}.").format(time=within),
            ngettext(
                "The repair takes {n} school day at most.", "The repair takes {n} school days at most.", days
            ).format(n=days),
            ngettext(
                "Once it is back at school it is handed over within {n} school day.",
                "Once it is back at school it is handed over within {n} school days.",
                back,
            ).format(n=back),
            _("Who may receive it: {who}.").format(who=HAND_BACK_TO.in_words(answers.says(HAND_BACK_TO))),
        ],
        "repair",
    )


def _lost(answers: Plan) -> Part:
    search, police = answers.says(SEARCH_DAYS), answers.says(POLICE_DAYS)
    return Part(
        _("Lost or stolen"),
        [
            _("Tell the school at once: the sooner it is known, the likelier it is found."),
            ngettext(
                "It is searched for {n} school day before anything is charged.",
                "It is searched for {n} school days before anything is charged.",
                search,
            ).format(n=search),
            ngettext(
                "A theft is reported to the police within {n} school day.",
                "A theft is reported to the police within {n} school days.",
                police,
            ).format(n=police),
        ],
        "lost",
    )


def _costs(answers: Plan) -> Part:
    rows = tuple(fee_lines(now_in_force(utc_now()), FeePolicy.Holder.STUDENT))
    if answers.says(FEES) != "policy":
        return Part(_("What it costs"), [_("The district asks for no fees.")], "money")
    if not rows:
        return Part(_("What it costs"), [_("Nothing is asked of families at present.")], "money")
    parts, days = answers.says(FEES_PARTS), answers.says(FEES_APPEAL_DAYS)
    return Part(
        _("What it costs"),
        [
            _("Families in need ask for less, or for nothing. Nobody who sees the account learns why."),
            ngettext("It can be paid in {n} part.", "It can be paid in up to {n} monthly parts.", parts).format(
                n=parts
            ),
            ngettext(
                "Whoever thinks it is wrong says so within {n} day.",
                "Whoever thinks it is wrong says so within {n} days.",
                days,
            ).format(n=days),
            _("A lost device is found later? The fee is taken back: {when}.").format(
                when=FOUND_REFUND.in_words(answers.says(FOUND_REFUND))
            ),
        ],
        "money",
        rows,
    )
