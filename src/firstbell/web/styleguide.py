"""Every part of the pages on one page, with believable content. Mounted in development only, at /styleguide."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

SHELL = SimpleNamespace(
    home="#desk",
    scan_url="/styleguide",
    site="Lincoln Middle School",
    role=_("School IT lead"),
    person="Dana Okafor",
    district="Cedar Valley Schools",
    menu=[{"label": _("My settings"), "url": "#settings", "icon": "settings"}],
    sign_out_url="#sign-out",
    sections=[
        {"label": _("Queue"), "url": "#queue", "icon": "queue", "count": 7, "current": True, "key": "1"},
        {"label": _("Closet"), "url": "#closet", "icon": "box", "count": 3, "key": "2"},
        {"label": _("Loaners"), "url": "#loaners", "icon": "loaner", "count": 12, "key": "3"},
        {"label": _("Rounds"), "url": "#rounds", "icon": "room", "count": "", "key": "4"},
        {"label": _("Count"), "url": "#count", "icon": "count", "count": "", "key": "5"},
        {"label": _("Measures"), "url": "#measures", "icon": "chart", "count": "", "key": "6"},
    ],
)
SYMPTOMS = [
    {"value": "screen", "label": _("The screen is cracked or dark"), "icon": "broken"},
    {"value": "power", "label": _("It won't turn on or charge"), "icon": "battery"},
    {"value": "keys", "label": _("Keys are stuck or missing"), "icon": "keyboard"},
    {"value": "wifi", "label": _("The internet doesn't work"), "icon": "internet"},
    {"value": "sound", "label": _("There is no sound"), "icon": "sound"},
    {"value": "liquid", "label": _("It got wet"), "icon": "drop"},
    {"value": "lost", "label": _("I can't find it"), "icon": "lost"},
    {"value": "other", "label": _("Something else"), "icon": "other"},
]
SINTOMAS = [
    {"value": "pantalla", "label": "La pantalla está rota u oscura", "icon": "broken"},
    {"value": "carga", "label": "No enciende o no carga", "icon": "battery"},
    {"value": "agua", "label": "Se mojó", "icon": "drop"},
    {"value": "otra", "label": "Otra cosa", "icon": "other"},
]
STEPS = [
    {"label": _("Reported"), "state": "done", "note": "Mon 8:12"},
    {"label": _("Swapped at the desk"), "state": "done", "note": "Mon 8:31"},
    {"label": _("On the way to the depot"), "state": "done", "note": "Tue"},
    {"label": _("Being repaired"), "state": "now", "note": _("Depot, bench 3")},
    {"label": _("Back at school"), "state": "next", "note": _("by Thursday, 2nd period")},
    {"label": _("In your hands"), "state": "next", "note": ""},
]
TABS = [
    {"label": _("Open"), "url": "#open", "count": 7, "current": True},
    {"label": _("Waiting for others"), "url": "#waiting", "count": 4},
    {"label": _("Done this week"), "url": "#done", "count": ""},
]
QUEUE = [
    ("L-0871", "Amara N., grade 7", _("The screen is cracked"), "late", _("48 min without a device"), True),
    ("L-0412", "Room 214", _("Two chargers are missing"), "soon", _("answer by 10:30"), False),
    ("L-0955", "José Á. Muñoz, grade 6", _("Keys are stuck"), "fine", _("has a loaner"), False),
    ("L-1203", "Ms. Whitfield, staff", _("The camera is dark"), "fine", _("answer by 2:15 pm"), False),
]
ROWS = [
    ("L-0871", "Chromebook 3110", "Amara N.", _("Closet, shelf 2"), "late", _("3 school days"), "$68.00"),
    ("L-0402", "Chromebook 3110", "Theo B.", _("Pick-up box"), "soon", _("goes today"), "$0.00"),
    ("L-1187", "iPad 10", "Room 118 cart", _("Depot, bench 3"), "fine", _("back by Thursday"), "$112.40"),
    ("S-0031", "ThinkPad L13", "Ms. Whitfield", _("At the vendor"), "fine", _("back by Nov 30"), "$0.00"),
]
BARS = [("Lincoln", 22), ("Garfield", 27), ("Rosa Parks", 31), ("Cedar High", 44), ("Northside", 58)]


class ReportForm(forms.Form):
    room = forms.CharField(label=_("Room"), help_text=_("As on the door, such as 214."), initial="214")
    words = forms.CharField(label=_("What happened?"), required=False, widget=forms.Textarea)
    email = forms.EmailField(
        label=_("E-mail"), error_messages={"required": _("Write an e-mail address, so that we can answer.")}
    )
    school = forms.ChoiceField(label=_("School"), choices=[("1", "Lincoln Middle School"), ("2", "Cedar High School")])


def _history(now: datetime) -> list[dict[str, Any]]:
    return [
        {"at": now - timedelta(minutes=12), "text": _("Bench 3 found a cracked panel; a new one is in stock."),
         "by": "Ravi Menon", "note": _("Hinge is fine. Panel only.")},
        {"at": now - timedelta(hours=26), "text": _("The courier brought it to the depot with 14 other devices.")},
        {"at": now - timedelta(days=2), "text": _("Amara took loaner L-0142 home instead."), "by": "Dana Okafor"},
        {"at": now - timedelta(days=2, minutes=19), "text": _("Amara reported from room 214: the screen is cracked.")},
        {"at": now - timedelta(days=140), "text": _("It was given to Amara for the year.")},
    ]  # fmt: skip


def _drawing() -> str:
    """Waiting time per school as horizontal bars, in minutes; the target is a dashed line."""
    scale = 4.4
    parts = ['<svg class="drawing" viewBox="0 0 400 212" role="img" aria-label="Minutes per school, as in the table">']
    parts.append(f'<path class="target" d="M{96 + 30 * scale} 8V186"/>')
    parts.append(f'<text class="text-soft" x="{96 + 30 * scale}" y="204" text-anchor="middle">target 30 minutes</text>')
    for row, (name, minutes) in enumerate(BARS):
        y = 12 + row * 35
        kind = "bar-marked" if minutes == max(value for _name, value in BARS) else "bar-main"
        parts.extend(
            [
                f'<text x="88" y="{y + 16}" text-anchor="end">{name}</text>',
                f'<rect class="{kind}" x="96" y="{y}" width="{minutes * scale}" height="22" rx="2"/>',
                f'<text class="text-strong" x="{104 + minutes * scale}" y="{y + 16}">{minutes}</text>',
            ]
        )
    return mark_safe("".join([*parts, "</svg>"]))  # noqa: S308 -- made of constants above


def styleguide(request: HttpRequest, part: str = "all") -> HttpResponse:
    """part: all, street, desk or board (the three shells). Mount it only where DEBUG is on."""
    page = {"all": "styleguide.html"}.get(
        part, f"styleguide_{part}.html" if part in {"street", "desk", "board"} else ""
    )
    if not page:
        raise Http404
    form = ReportForm({"room": "214", "words": "", "email": "", "school": "1"})
    now = timezone.now()
    context = {
        "shell": SHELL, "symptoms": SYMPTOMS, "sintomas": SINTOMAS, "steps": STEPS, "tabs": TABS, "queue": QUEUE,
        "rows": ROWS, "form": form, "clean": ReportForm(), "history": _history(now), "now": now,
        "drawing": _drawing(), "columns": [_("School"), _("Minutes")], "bars": BARS,
    }  # fmt: skip
    return render(request, page, context)
