"""What each role permits. Permissions are code; who holds a role, where and how long, is data (directory.RoleHeld)."""

from enum import StrEnum


class Permission(StrEnum):
    """One thing a person may do at a site. Verbs, pages, the API and exports all ask these."""

    WORK_TEAM_TASKS = "work_team_tasks"
    SUPERVISE_TEAM = "supervise_team"
    SEE_TICKETS = "see_tickets"
    WORK_TICKETS = "work_tickets"
    SEE_DEVICES = "see_devices"
    MOVE_DEVICES = "move_devices"
    REGISTER_DEVICES = "register_devices"
    SEE_PEOPLE = "see_people"
    LEND = "lend"
    COUNT = "count"
    CERTIFY = "certify"
    SHIP = "ship"
    TRANSPORT = "transport"
    REPAIR = "repair"
    DECIDE_CHARGES = "decide_charges"
    DECIDE_WAIVERS = "decide_waivers"
    DECIDE_REFERRALS = "decide_referrals"
    SET_FEES = "set_fees"
    SEE_PLAN = "see_plan"
    DECIDE = "decide"
    SEE_MEASURES = "see_measures"
    SEE_ROLES = "see_roles"
    GRANT_ROLES = "grant_roles"
    IMPORT = "import"
    SEE_LEDGER = "see_ledger"


class Role(StrEnum):
    """The roles of a district's device support. Held at a site or for the whole district, from-to."""

    STUDENT_TECH = "student_tech"
    IT_LEAD = "it_lead"
    COACH = "coach"
    SCHOOL_ADMIN = "school_admin"
    DISTRICT_TECH = "district_tech"
    DISTRICT_IT = "district_it"
    AUDITOR = "auditor"


P = Permission

_DESK = frozenset(
    {
        P.SUPERVISE_TEAM,
        P.SEE_TICKETS,
        P.WORK_TICKETS,
        P.SEE_DEVICES,
        P.MOVE_DEVICES,
        P.SEE_PEOPLE,
        P.LEND,
        P.COUNT,
        P.SHIP,
        P.REPAIR,
        P.SEE_PLAN,
        P.SEE_MEASURES,
    }
)

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.STUDENT_TECH: frozenset({P.WORK_TEAM_TASKS}),
    Role.IT_LEAD: _DESK | {P.CERTIFY},
    Role.COACH: frozenset({P.SEE_PLAN, P.SEE_MEASURES}),
    Role.SCHOOL_ADMIN: frozenset(
        {P.SEE_PLAN, P.SEE_MEASURES, P.SEE_ROLES, P.DECIDE_CHARGES, P.DECIDE_WAIVERS, P.DECIDE_REFERRALS}
    ),
    Role.DISTRICT_TECH: (_DESK - {P.SUPERVISE_TEAM}) | {P.TRANSPORT, P.REGISTER_DEVICES},
    Role.DISTRICT_IT: frozenset(Permission) - {P.WORK_TEAM_TASKS, P.DECIDE_WAIVERS, P.DECIDE_REFERRALS},
    Role.AUDITOR: frozenset({P.SEE_DEVICES, P.SEE_PLAN, P.SEE_MEASURES, P.SEE_ROLES, P.SEE_LEDGER}),
}

BARRED: dict[Role, frozenset[Permission]] = {
    Role.COACH: frozenset({P.SHIP, P.TRANSPORT, P.REPAIR, P.WORK_TICKETS}),
}
"""What a role takes away wherever it is held: a coach is never drawn into repairs or shipping."""
