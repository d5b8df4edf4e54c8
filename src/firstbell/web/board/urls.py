"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.board import coverage, district, events, figures, plan
from firstbell.web.doors import door
from firstbell.web.exports import export_door

P = Permission

patterns: list[URLPattern] = [
    door("district", district.page, name="district", needs=P.SEE_MEASURES),
    export_door("exports/district/schools", district.BY_SCHOOL),
    export_door("exports/district/weeks", district.BY_WEEK),
    door("coverage", coverage.page, name="coverage", needs=P.SEE_ROLES),
    export_door("exports/coverage", coverage.LISTING),
    door("figures", figures.page, name="figures", needs=P.SEE_MEASURES),
    door("figures/<str:part>", figures.page, name="figures_part", needs=P.SEE_MEASURES),
    export_door("exports/figures/<str:part>/<str:key>", figures.LISTING),
    door("ledger", events.page, name="ledger", needs=P.SEE_LEDGER),
    export_door("exports/ledger", events.LISTING),
    door("plan", plan.overview, name="plan", needs=P.SEE_PLAN),
    door("plan/<str:key>", plan.question_page, name="question", needs=P.SEE_PLAN),
    door("plan/<str:key>/answers", plan.answer, name="answer", needs=P.DECIDE),
    door("plan/<str:key>/answers/<int:site_id>/withdrawal", plan.withdrawal, name="withdrawal", needs=P.DECIDE),
]
