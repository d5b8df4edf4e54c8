"""Addresses of this surface, each declared with who may come in. Short, because they stand on posters."""

from django.urls import URLPattern, register_converter
from django.views.i18n import set_language

from firstbell.web.doors import door
from firstbell.web.street import bill, families, receipt, report, start, status
from firstbell.web.street.spots import SpotKind, TypedCode

register_converter(SpotKind, "spot")
register_converter(TypedCode, "typed")

patterns: list[URLPattern] = [
    door("", start.start, name="start", public=True),
    door("how-it-works", families.page, name="families", public=True),
    door("find", start.find, name="find", public=True),
    door("language", set_language, name="set_language", public=True),
    door("<spot:kind>/<typed:code>", report.form, name="report", public=True),
    door("<spot:kind>/<str:code>/tickets", report.send, name="report_send", public=True),
    door("<spot:kind>/<str:code>/self-help", report.self_help, name="self_help", public=True),
    door("<spot:kind>/<str:code>/works", report.works, name="works", public=True),
    door("s/<str:token>", status.status, name="status", public=True),
    door("s/<str:token>/appeal", bill.appeal, name="bill_appeal", public=True),
    door("s/<str:token>/waiver", bill.waiver, name="bill_waiver", public=True),
    door("s/<str:token>/receipt", receipt.receipt, name="receipt", public=True),
    door("s/<str:token>/messages", status.write, name="status_write", public=True),
]
