"""Addresses of this surface, each declared with who may come in."""

from django.urls import URLPattern

from firstbell.kernel.roles import Permission
from firstbell.web.doors import door
from firstbell.web.team import approvals, filters, reporting, skills, tasks

P = Permission

patterns: list[URLPattern] = [
    door("team", tasks.tasks, name="team", needs=P.WORK_TEAM_TASKS),
    door("team/report", reporting.form, name="team_report", needs=P.WORK_TEAM_TASKS),
    door("team/reports", reporting.send, name="team_report_send", needs=P.WORK_TEAM_TASKS),
    door("team/approvals", approvals.approvals, name="team_approvals", needs=P.SUPERVISE_TEAM),
    door("team/filter", filters.page, name="team_filter", needs=P.WORK_TEAM_TASKS),
    door("team/filter/checks", filters.check, name="team_filter_check", needs=P.WORK_TEAM_TASKS),
    door("team/filter/results", filters.results, name="filter_results", needs=P.SUPERVISE_TEAM),
    door("team/filter/results/<int:check_id>", filters.settle, name="filter_settle", needs=P.SUPERVISE_TEAM),
    door("team/helpers/<int:helper_id>/skills", skills.set_level, name="team_skill", needs=P.SUPERVISE_TEAM),
    door("team/<str:code>/worker", tasks.take, name="team_take", needs=P.WORK_TEAM_TASKS),
    door("team/<str:code>/solution", tasks.solve, name="team_solve", needs=P.WORK_TEAM_TASKS),
    door("team/<str:code>/level", tasks.hand_up, name="team_hand_up", needs=P.WORK_TEAM_TASKS),
    door("team/<str:code>/approval", approvals.approve, name="team_approve", needs=P.SUPERVISE_TEAM),
    door("team/<str:code>/reopening", approvals.send_back, name="team_send_back", needs=P.SUPERVISE_TEAM),
    door("team/<str:code>/note-clearance", approvals.clear, name="team_clear_note", needs=P.SUPERVISE_TEAM),
]
