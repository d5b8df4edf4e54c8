"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web import exports
from firstbell.web.doors import door
from firstbell.web.exports import export_door
from firstbell.web.office import calendars, demo, imports, locations, mail, notices, password, roles, signing, sites

P = Permission

patterns: list[URLPattern] = [
    door("sign-in", signing.sign_in, name="sign_in", public=True),
    door("sign-out", signing.sign_out, name="sign_out"),
    door("home", signing.home, name="home"),
    door("password", password.own, name="password"),
    door("demo", demo.people, name="demo", public=True),
    door("demo/sign-in/<int:user_id>", demo.sign_in_as, name="demo_sign_in", public=True),
    door("notices", notices.page, name="notices"),
    door("notices/readings", notices.all_read, name="notices_read"),
    door("notices/<int:notice_id>", notices.about, name="notice"),
    door("notices/mail", mail.page, name="mail"),
    door("notices/mail/choice", mail.choice, name="mail_choice"),
    door("notices/mail/address", mail.address, name="mail_address"),
    door("notices/mail/address/<str:token>", mail.confirmation, name="mail_confirmation"),
    door("notices/<int:notice_id>/reading", notices.reading, name="notice_read"),
    door("roles", roles.page, name="roles", needs=P.SEE_ROLES),
    door("roles/held", roles.grant, name="role_grant", needs=P.GRANT_ROLES),
    door("roles/people", roles.people, name="role_people", needs=P.GRANT_ROLES),
    door("roles/held/<int:held_id>", roles.hours_form, name="role_hours_form", needs=P.GRANT_ROLES),
    door("roles/held/<int:held_id>/ending", roles.ending, name="role_ending", needs=P.GRANT_ROLES),
    door("roles/held/<int:held_id>/hours", roles.hours, name="role_hours", needs=P.GRANT_ROLES),
    door("roles/absences", roles.absence, name="absence", needs=P.GRANT_ROLES),
    door("roles/users", roles.user, name="user_new", needs=P.GRANT_ROLES),
    door("roles/passwords", roles.password, name="user_password", needs=P.GRANT_ROLES),
    door("roles/matrix", roles.matrix, name="role_matrix", needs=P.SEE_ROLES),
    export_door("exports/roles", roles.LISTING),
    export_door("exports/role-matrix", roles.MATRIX),
    door("imports", imports.imports, name="imports", needs=P.IMPORT),
    door("imports/new", imports.hand_in, name="import_new", needs=P.IMPORT),
    door("imports/<int:upload_id>", imports.page, name="import", needs=P.IMPORT),
    door("imports/<int:upload_id>/check", imports.check, name="import_check", needs=P.IMPORT),
    door("imports/<int:upload_id>/application", imports.apply, name="import_apply", needs=P.IMPORT),
    door("imports/<int:upload_id>/removal", imports.remove, name="import_removal", needs=P.IMPORT),
    export_door("exports/imports/<int:upload_id>", imports.LISTING),
    door("downloads", exports.downloads, name="downloads"),
    door("downloads/<int:download_id>", exports.fetch, name="download"),
    door("downloads/<int:download_id>/removal", exports.remove, name="download_removal"),
    door("sites", sites.page, name="sites", needs=P.SEE_ROLES),
    door("sites/new", sites.enter, name="site_new", needs=P.GRANT_ROLES),
    door("sites/<str:code>", sites.site_page, name="site", needs=P.GRANT_ROLES),
    door("sites/<str:code>/setting", sites.setting, name="site_setting", needs=P.GRANT_ROLES),
    door("locations", locations.page, name="locations", needs=P.GRANT_ROLES),
    door("locations/setting", locations.setting, name="location_setting", needs=P.GRANT_ROLES),
    door("calendars", calendars.page, name="calendars", needs=P.GRANT_ROLES),
    door("calendars/form", calendars.new, name="calendar_form", needs=P.GRANT_ROLES),
    door("calendars/new", calendars.enter, name="calendar_new", needs=P.GRANT_ROLES),
    door("calendars/<int:calendar_id>", calendars.calendar_page, name="calendar", needs=P.GRANT_ROLES),
    door("calendars/<int:calendar_id>/setting", calendars.setting, name="calendar_setting", needs=P.GRANT_ROLES),
    export_door("exports/sites", sites.LISTING),
    export_door("exports/calendars", calendars.LISTING),
]
