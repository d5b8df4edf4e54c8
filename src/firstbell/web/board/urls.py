"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.board import accounts, charges, cover, coverage, district, events, figures, plan, policy, referrals
from firstbell.web.doors import door
from firstbell.web.exports import export_door

P = Permission

patterns: list[URLPattern] = [
    door("district", district.page, name="district", needs=P.SEE_MEASURES),
    export_door("exports/district/schools", district.BY_SCHOOL),
    export_door("exports/district/weeks", district.BY_WEEK),
    door("coverage", coverage.page, name="coverage", needs=P.SEE_ROLES),
    door("coverage/<int:site_id>/live", coverage.start, name="go_live", needs=P.DECIDE),
    export_door("exports/coverage", coverage.LISTING),
    door("figures", figures.page, name="figures", needs=P.SEE_MEASURES),
    door("figures/<str:part>", figures.page, name="figures_part", needs=P.SEE_MEASURES),
    export_door("exports/figures/<str:part>/<str:key>", figures.LISTING),
    door("ledger", events.page, name="ledger", needs=P.SEE_LEDGER),
    export_door("exports/ledger", events.LISTING),
    door("fees", charges.page, name="fees", needs=P.DECIDE_CHARGES),
    export_door("exports/fees", accounts.LISTING),
    door("fees/incidents/<int:incident>", charges.decision, name="fee_decision", needs=P.DECIDE_CHARGES),
    door("fees/incidents/<int:incident>/charge", charges.decide, name="fee_decide", needs=P.DECIDE_CHARGES),
    door("fees/charges/<int:charge>", charges.charge_page, name="charge", needs=P.DECIDE_CHARGES),
    door("fees/charges/<int:charge>/payments", charges.payment, name="charge_payment", needs=P.DECIDE_CHARGES),
    door("fees/charges/<int:charge>/parts", charges.parts, name="charge_parts", needs=P.DECIDE_CHARGES),
    door("fees/charges/<int:charge>/waivers", charges.waiver, name="charge_waiver", needs=P.DECIDE_WAIVERS),
    door(
        "fees/charges/<int:charge>/waiver-decision",
        charges.waiver_decision,
        name="charge_waiver_decision",
        needs=P.DECIDE_WAIVERS,
    ),
    door("fees/charges/<int:charge>/appeals", charges.appeal, name="charge_appeal", needs=P.DECIDE_CHARGES),
    door(
        "fees/charges/<int:charge>/appeal-decision",
        charges.appeal_decision,
        name="charge_appeal_decision",
        needs=P.DECIDE_CHARGES,
    ),
    door("fees/people/<int:pk>", accounts.account, name="account", needs=P.DECIDE_CHARGES),
    door("fees/people/<int:pk>/protection", accounts.protection, name="protection", needs=P.DECIDE_CHARGES),
    door("fees/people/<int:pk>/statement", accounts.statement, name="statement", needs=P.DECIDE_CHARGES),
    door("fees/policy", policy.page, name="fee_policy", needs=P.SEE_PLAN),
    door("fees/policy/rows", policy.set_row, name="fee_row", needs=P.SET_FEES),
    door("fees/policy/usual", policy.take_usual, name="fee_usual", needs=P.SET_FEES),
    door("fees/policy/rows/<int:row>/end", policy.end_row, name="fee_row_end", needs=P.SET_FEES),
    door("cover", cover.page, name="cover", needs=P.SEE_PLAN),
    door("cover/new", cover.enter, name="cover_new", needs=P.SET_FEES),
    door("cover/<int:cover>", cover.cover_page, name="cover_devices", needs=P.REGISTER_DEVICES),
    door("cover/<int:cover>/terms", cover.renew, name="cover_terms", needs=P.SET_FEES),
    door("cover/<int:cover>/devices", cover.give, name="cover_give", needs=P.REGISTER_DEVICES),
    door("cover/ending/<int:coverage>", cover.ending, name="cover_ending", needs=P.REGISTER_DEVICES),
    door("referrals", referrals.page, name="referrals", needs=P.DECIDE_REFERRALS),
    door("referrals/<int:referral>", referrals.referral_page, name="referral", needs=P.DECIDE_REFERRALS),
    door("referrals/<int:referral>/outcome", referrals.decide, name="referral_decision", needs=P.DECIDE_REFERRALS),
    door("plan", plan.overview, name="plan", needs=P.SEE_PLAN),
    door("plan/<str:key>", plan.question_page, name="question", needs=P.SEE_PLAN),
    door("plan/<str:key>/answers", plan.answer, name="answer", needs=P.DECIDE),
    door("plan/<str:key>/answers/<int:site_id>/withdrawal", plan.withdrawal, name="withdrawal", needs=P.DECIDE),
]
