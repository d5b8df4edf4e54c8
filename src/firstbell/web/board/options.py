"""How many loaners? What would change it, side by side, and the answer as a decision with its evidence (S54, S89)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from firstbell.decisions.queries import plan
from firstbell.decisions.register import LOANER_TARGET
from firstbell.kernel.money import Money
from firstbell.kernel.roles import Permission
from firstbell.measures.options import SPAN, Need, Option, needs, option
from firstbell.measures.reach import Reach, reach_of
from firstbell.web.asking import new_operation, whole
from firstbell.web.board import words
from firstbell.web.board.drawing import Bar, bars
from firstbell.web.board.table import Table
from firstbell.web.middleware import FirstbellRequest

PRICE = 300
"""Dollars a loaner, assumed until somebody types what the district pays (reference operations, section 2)."""
POOLS = (60, 70, 80, 90, 100, 110, 120, 130, 140)
"""Percent of today's pools that are drawn."""
MOST_DAYS, MOST_MORE, MOST_PRICE = 20, 200, 5000


@dataclass(frozen=True)
class Asked:
    """What somebody tries: how sure, school days sooner back, percent more loans, dollars a loaner."""

    target: int
    faster: int
    more: int
    price: int


def read(request: FirstbellRequest) -> Asked:
    """Return what the address asks; what is no believable number is left at its usual value."""

    def number(name: str, usual: int, least: int, most: int) -> int:
        found = whole(request.GET.get(name))
        return found if found is not None and least <= found <= most else usual

    target = plan([LOANER_TARGET.key]).says(LOANER_TARGET)
    return Asked(
        target=number("target", target, LOANER_TARGET.least, LOANER_TARGET.most),
        faster=number("faster", 2, 0, MOST_DAYS),
        more=number("more", 20, 0, MOST_MORE),
        price=number("price", PRICE, 1, MOST_PRICE),
    )


def page(request: FirstbellRequest) -> HttpResponse:
    """Show the options side by side, and how sure more or fewer loaners would make it."""
    asked, found = read(request), needs(reach_of(request.actor), request.at)
    today = option(found, asked.target / 100)
    context: dict[str, Any] = {
        "asked": asked,
        "question": LOANER_TARGET,
        "seen": sum(row.loans for row in found),
        "weeks": SPAN.days // 7,
        "pool": sum(row.pool for row in found),
        "today": today,
        "today_found": words.share(today.found),
        "rows": _rows(found, asked),
        "chart": _chart(found, asked),
        "evidence": _evidence(found, asked, today),
        "may_decide": request.actor.sites(Permission.DECIDE) is None,
        "decided": plan([LOANER_TARGET.key]).says(LOANER_TARGET),
        "op": new_operation(),
    }
    return render(request, "board/options.html", context)


def _rows(found: Sequence[Need], asked: Asked) -> list[dict[str, Any]]:
    target, pool = asked.target / 100, sum(row.pool for row in found)
    sooner = [row.changed(faster=asked.faster) for row in found]
    busier = [row.changed(more=asked.more / 100) for row in found]
    days = ngettext("Back {n} school day sooner", "Back {n} school days sooner", asked.faster).format(n=asked.faster)
    tried = [
        (_("As it goes now"), option(found, target)),
        (days, option(sooner, target)),
        (_("{n} % more loans").format(n=asked.more), option(busier, target)),
        (_("One reserve for all schools"), option(found, target, together=True)),
    ]
    return [_row(label, what, pool, asked.price) for label, what in tried]


def _row(label: str, what: Option, pool: int, price: int) -> dict[str, Any]:
    lacking = max(0, what.needed - pool)
    return {
        "label": label,
        "found": words.share(what.found),
        "waiting": f"{what.waiting:.1f}",
        "needed": what.needed,
        "difference": f"{what.needed - pool:+d}",
        "cost": str(Money(lacking * price * 100)) if lacking else _("nothing"),
    }


def _chart(found: Sequence[Need], asked: Asked) -> dict[str, Any] | None:
    pool = sum(row.pool for row in found)
    if not pool or not sum(row.rate for row in found):
        return None
    sized = [(percent, option(_sized(found, percent), asked.target / 100)) for percent in POOLS]
    drawn = [
        Bar(f"{percent} %", 100 * what.found, words.share(what.found), marked=percent == 100) for percent, what in sized
    ]
    said = _("How often somebody finds a loaner, with fewer and with more of them, as in the table.")
    return {
        "title": _("More loaners, fewer who wait"),
        "drawing": bars(drawn, target=asked.target, target_said=(_("wanted"), f"{asked.target} %"), said=said),
        "columns": [_("Of today's pools"), _("Loaners"), _("Find one"), _("Wait on average")],
        "rows": [
            [f"{percent} %", str(round(pool * percent / 100)), words.share(what.found), f"{what.waiting:.1f}"]
            for percent, what in sized
        ],
        "source": _("Each school with a pool of its own; loans begin at random. Closed form: Palm 1938."),
    }


def _sized(found: Sequence[Need], percent: int) -> list[Need]:
    return [Need(row.site_id, row.loans, row.rate, row.days, round(row.pool * percent / 100)) for row in found]


def _evidence(found: Sequence[Need], asked: Asked, today: Option) -> str:
    """Return what the decision is based on, as it is kept with the answer."""
    sentence = _(
        "{loans} loans in {weeks} weeks. With {pool} loaners {share} find one; for {target} % it takes {needed}."
    )
    return sentence.format(
        loans=sum(row.loans for row in found),
        weeks=SPAN.days // 7,
        pool=sum(row.pool for row in found),
        share=words.share(today.found),
        target=asked.target,
        needed=today.needed,
    )


# --- Among the figures ----------------------------------------------------------------------------------------------


def needed_table(reach: Reach, names: dict[int, str], found: Sequence[Need]) -> Table:
    """Return, school by school, how many loaners it needs for what the plan asks."""
    answers = plan([LOANER_TARGET.key])
    rows, short = [], 0
    for row in found:
        target = answers.says(LOANER_TARGET, row.site_id) / 100
        needed = row.needed(target) if row.rate else 0
        short += row.pool < needed
        rows.append(
            [names[row.site_id], str(row.loans), f"{row.days:.1f}", f"{row.mean_out:.1f}", str(row.pool), str(needed),
             words.share(row.found) if row.rate else words.NOTHING]
        )  # fmt: skip
    title = _("Every school has the loaners that the plan asks for")
    if short:
        title = ngettext(
            "{n} school has fewer loaners than the plan asks for",
            "{n} schools have fewer loaners than the plan asks for",
            short,
        ).format(n=short)
    columns = [_("School"), _("Loans"), _("School days each"), _("Out on average"), _("In the pool"), _("Needed"),
               _("Find one")]  # fmt: skip
    note = _("From the last {n} weeks; a school with few loans is drawn towards the district's pace.")
    return Table("needed", title if reach.schools else _("Needed"), columns, rows, note.format(n=SPAN.days // 7))
