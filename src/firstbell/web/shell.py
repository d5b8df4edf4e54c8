"""What every page of the desk and the board shows around itself: sections by permission, the person, the way out."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from firstbell.kernel.actor import Actor
from firstbell.kernel.roles import Permission


@dataclass(frozen=True)
class Section:
    """One entry of the navigation: the name of its address, its words, its icon and who sees it."""

    name: str
    label: Any
    icon: str
    needs: Permission
    also: frozenset[str] = frozenset()
    """Names of further pages of the section: its entry is marked there too."""


P = Permission
BENCH = frozenset({"bench_order", "bench_beyond", "checks", "returns"})
COUNTS = frozenset({"count_new", "count", "count_room", "count_differences", "count_certificate"})
VENDORS = frozenset({"vendor", "vendor_case", "vendor_case_new", "vendor_feed", "claims", "claim", "claims_missed"})
DESK: tuple[Section, ...] = (
    Section("queue", _("Queue"), "queue", P.SEE_TICKETS),
    Section("team", _("Team tasks"), "family", P.WORK_TEAM_TASKS, frozenset({"team_filter", "team_report"})),
    Section("team_approvals", _("Team check"), "family", P.SUPERVISE_TEAM, frozenset({"filter_results"})),
    Section("hand_backs", _("Hand back"), "undo", P.LEND),
    Section("loans", _("Loaners"), "loaner", P.LEND),
    Section("closet", _("Closet"), "box", P.SEE_DEVICES),
    Section("devices", _("Devices"), "device", P.SEE_DEVICES, frozenset({"register_device", "imports", "import"})),
    Section(
        "pickups",
        _("Pick-up"),
        "truck",
        P.SHIP,
        frozenset({"pickup_box", "shipment", "receiving", "silent", "late", "runs", "run", "run_plan"}),
    ),
    Section("bench", _("Bench"), "repair", P.TRANSPORT, BENCH),
    Section("vendors", _("Vendors"), "external", P.SHIP, VENDORS),
    Section("scan_line", _("Scan line"), "scan", P.MOVE_DEVICES, frozenset({"scan_conflicts"})),
)
INVENTORY: tuple[Section, ...] = (
    Section("counts", _("Counts"), "count", P.SEE_DEVICES, COUNTS),
    Section("collecting", _("Collect"), "undo", P.LEND, frozenset({"collection", "collection_missing"})),
    Section("hand_outs", _("Hand out"), "send", P.LEND, frozenset({"hand_out"})),
    Section("incidents", _("Missing"), "lost", P.SEE_DEVICES, frozenset({"incident", "incident_new"})),
    Section("accessories", _("Accessories"), "plug", P.MOVE_DEVICES),
    Section(
        "places", _("Places"), "place", P.MOVE_DEVICES, frozenset({"place", "charging", "labels", "posters", "poster"})
    ),
    Section("parts", _("Spare parts"), "cpu", P.REPAIR, frozenset({"part_orders", "part_kinds"})),
)
"""What is done a few times a year: one entry of the desk, which leads to the first of these and shows the others."""
PLAN = frozenset({"question", "plan_document", "edition", "loaner_options"})
TO_BOARD = (Section("district", _("District"), "chart", P.SEE_MEASURES),)
TO_DESK = (Section("queue", _("Desk"), "queue", P.SEE_TICKETS),)
BOARD: tuple[Section, ...] = (
    Section("district", _("District"), "chart", P.SEE_MEASURES),
    Section("figures", _("Figures"), "count", P.SEE_MEASURES, frozenset({"figures_part"})),
    Section("waiting", _("Waiting"), "truck", P.SEE_MEASURES),
    Section(
        "plan", _("Plan"), "plan", P.SEE_PLAN, frozenset({"question", "plan_document", "edition", "loaner_options"})
    ),
    Section(
        "fees", _("Fees"), "money", P.DECIDE_CHARGES, frozenset({"charge", "fee_decision", "account", "statement"})
    ),
    Section("fee_policy", _("Fee policy"), "money", P.SEE_PLAN),
    Section("repair_scope", _("Scope"), "repair", P.SEE_PLAN, frozenset({"scope_overrides"})),
    Section("cover", _("Device cover"), "lock", P.SEE_PLAN, frozenset({"cover_devices"})),
    Section("referrals", _("Referrals"), "info", P.DECIDE_REFERRALS, frozenset({"referral"})),
    Section("coverage", _("Coverage"), "check", P.SEE_ROLES),
    Section("roles", _("Roles"), "person", P.SEE_ROLES),
    Section(
        "sites",
        _("Sites"),
        "place",
        P.SEE_ROLES,
        frozenset({"site", "locations", "calendars", "calendar", "calendar_form"}),
    ),
    Section("ledger", _("Ledger"), "calendar", P.SEE_LEDGER),
)


def _visible(sections: tuple[Section, ...], actor: Actor, here: str) -> list[dict[str, Any]]:
    shown = []
    for section in sections:
        try:
            url = reverse(section.name)
        except NoReverseMatch:
            continue
        if actor.may(section.needs):
            current = here == section.name or here in section.also
            shown.append({"label": section.label, "url": url, "icon": section.icon, "current": current})
    return shown


def _grouped(label: object, icon: str, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one entry for several sections, or none where the reader sees none of them."""
    current = any(section["current"] for section in sections)
    return [{"label": label, "url": sections[0]["url"], "icon": icon, "current": current}] if sections else []


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the shell of whoever is signed in; nothing for the public."""
    actor = getattr(request, "actor", None)
    if actor is None or not request.user.is_authenticated:
        return {}
    here = request.resolver_match.view_name if request.resolver_match else ""
    boards, inventory = _visible(BOARD, actor, here), _visible(INVENTORY, actor, here)
    grouped = _grouped(_("Inventory"), "device", inventory)
    return {
        "shell": {
            "home": reverse("home"),
            "person": str(request.user),
            "sections": _visible(DESK, actor, here) + grouped + _visible(TO_BOARD, actor, here),
            "below": inventory if any(entry["current"] for entry in grouped) else [],
            "board": _visible(TO_DESK, actor, here) + boards,
            "menu": boards,
            "notices": getattr(request.user, "unread_notices", 0),
            "notices_url": reverse("notices"),
            "password_url": reverse("password"),
            "sign_out_url": reverse("sign_out"),
        }
    }
