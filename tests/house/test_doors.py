"""Nobody where they don't belong: every address × every role × own and other school × signed out.

The table of who may come in is written here a second time, by hand and by role, so that a slip in the first is seen.
"""

import re

import pytest
from django.test import Client
from django.urls import reverse

from firstbell.directory.events import RoleRefused
from firstbell.directory.models import Person, User
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import replay
from firstbell.web.doors import DOORS, addresses
from tests import make
from tests.house.worlds import ARGUMENTS, EVERYWHERE, WORDS, World, world_of

pytestmark = pytest.mark.django_db

AT_SCHOOL = (Role.STUDENT_TECH, Role.IT_LEAD, Role.COACH, Role.SCHOOL_ADMIN)

EVERYBODY = frozenset(Role)
WORKERS = frozenset({Role.IT_LEAD, Role.DISTRICT_TECH, Role.DISTRICT_IT})
LOOKERS = WORKERS | {Role.AUDITOR}
TEAM = frozenset({Role.STUDENT_TECH})
SUPERVISORS = frozenset({Role.IT_LEAD, Role.DISTRICT_IT})
TECHNICIANS = frozenset({Role.DISTRICT_TECH, Role.DISTRICT_IT})
LEADERSHIP = frozenset({Role.DISTRICT_IT})
READERS = EVERYBODY - TEAM
OFFICE = frozenset({Role.SCHOOL_ADMIN, Role.DISTRICT_IT, Role.AUDITOR})
LEDGER = frozenset({Role.DISTRICT_IT, Role.AUDITOR})
MONEY = frozenset({Role.SCHOOL_ADMIN, Role.DISTRICT_IT})
ADMINISTRATORS = frozenset({Role.SCHOOL_ADMIN})

GROUPS: dict[frozenset[Role], str] = {
    EVERYBODY: """home password scan sign_out notices notices_read notice_read notice mail mail_choice mail_address
        mail_confirmation downloads download download_removal""",
    TEAM: "team team_take team_solve team_hand_up team_filter team_filter_check team_report team_report_send",
    READERS: """loaner_options plan_document edition edition_pdf fee_policy plan question district
        district_schools_export district_weeks_export figures figures_part figures_export waiting waiting_export
        repair_scope repair_scope_export cover""",
    OFFICE: "roles role_matrix role_matrix_export roles_export coverage coverage_export sites sites_export",
    LEADERSHIP: """imports import_new import import_check import_apply import_removal import_export answer
        withdrawal go_live plan_publish role_grant role_people role_ending role_hours_form role_hours absence
        user_new user_password site_new site site_setting calendars calendars_export calendar_form calendar_new calendar
        calendar_setting fee_row fee_usual fee_row_end locations location_setting scope_row scope_usual
        scope_row_end cover_new cover_terms vendor_answers""",
    LEDGER: "ledger ledger_export",
    MONEY: """fees fees_export fee_decision fee_decide charge charge_payment charge_parts charge_appeal
        charge_appeal_decision account protection statement""",
    ADMINISTRATORS: "charge_waiver charge_waiver_decision referrals referral referral_decision",
    LOOKERS: """incidents incident device device_history device_record place closet devices devices_export
        closet_export place_export counts counts_export count count_room count_differences count_differences_export
        count_certificate count_certificate_export count_certificate_pdf scope_overrides scope_overrides_export""",
    SUPERVISORS: """count_certification ticket_clear_note team_approvals team_approve team_send_back team_clear_note
        team_skill filter_results filter_settle""",
    TECHNICIANS: """incident_write_off correct_record note_award register_device enter_device returns pack_return
        bench_retirement accessory_kind runs runs_export run_plan runs_made run run_export run_sheet run_start
        run_leave run_fail run_end run_call_off bench_beyond bench_harvest bench_recycling part_kind_new
        part_kinds_usual part_kind cover_devices cover_give cover_ending vendor vendor_words vendor_feeds
        vendor_feed vendor_feed_take""",
    WORKERS: """incident_step incident_found incident_referral incident_new incident_enter queue ticket
        ticket_history ticket_take ticket_triage ticket_wait ticket_hand_up ticket_resolve ticket_close
        ticket_reopen ticket_write ticket_device ticket_admit device_places device_fault note_fault change_line swap
        intake hand_back shelve loan loan_return handover release_owner put_device set_aside clear_device
        pool_device person report_for loans hand_backs places make_place renew_code drop_point drop_point_setting
        ticket_receipt labels label_sheet posters poster_sheets hint_cards poster_sheet hang_poster poster
        luggage_tag renew_label renew_badge manifest pickups pickup_box departure failed_visit shipment arrivals
        extra found receiving silent bench bench_order count_new count_make count_scan count_number count_check_ins
        count_finish count_answer bench_repair bench_diagnosis bench_part bench_end bench_note bench_check checks
        scan_line scan_session scan_bundle scan_turns scan_batches scan_conflicts scan_settlement scan_gap
        collecting collection_new collection collect_device collection_end collection_missing
        collection_missing_export hand_outs hand_out hand_out_start hand_out_device hand_out_skip hand_out_undo
        hand_out_end accessories accessory_arrivals accessory_count accessory_issue accessory_settle queue_export
        loans_export hand_backs_export places_export pickups_export receiving_export shipment_export bench_export
        checks_export silent_export posters_export collecting_export hand_outs_export hand_out_export
        accessories_export scan_conflicts_export late late_export explain_late secure_place count_charging charging
        charging_export pickup_request pickup_withdrawal bench_work bench_photos bench_photo bench_photo_removal
        change_serial parts part_arrivals part_count part_sending part_order_new part_orders part_order_draft
        part_order_arrival part_order_end part_kinds parts_export part_orders_export part_kinds_export vendors
        vendors_export vendor_boxes vendor_case_new vendor_case_open vendor_case vendor_case_number
        vendor_case_departure vendor_case_news vendor_case_arrival vendor_case_look vendor_case_owner
        vendor_case_ending claims claims_export claims_missed claims_missed_export claim_make claim claim_sending
        claim_decision claim_drop""",
}
MAY: dict[str, frozenset[Role]] = {name: roles for roles, names in GROUPS.items() for name in names.split()}
PUBLIC = frozenset(["healthz", "sign_in", "demo", "demo_sign_in", "scan_manifest", "scan_worker"])


def _subject(name: str, argument: str, pattern: str) -> str:
    by_argument = {"tag": "device", "pk": "person"} | {
        f"{word}_id": word
        for word in (
            "held",
            "helper",
            "site",
            "user",
            "notice",
            "upload",
            "download",
            "line",
            "conflict",
            "calendar",
            "check",
        )
    }
    if argument == "request_id":
        return "wish"
    by_argument = {"tag": "device", "pk": "person"} | {f"{word}_id": word for word in (*WORDS, "photo")}
    if argument in by_argument:
        return by_argument[argument]
    if argument == "key" and name == "figures_export":
        return "table"
    if argument == "code":
        first, *rest = pattern.removeprefix("exports/").split("/")
        if first == "vendors":
            return {"cases": "case", "new": "order"}.get(rest[0], "vendor")
        words = {
            "tickets": "ticket",
            "places": "place",
            "boxes": "box",
            "shipments": "shipment",
            "bench": "order",
            "posters": "place",
            "counts": "count",
            "sites": "site_code",
            "runs": "run",
            "claims": "order",
        }
        return words.get(first, {"team": "team", "r": "place", "d": "device_code"}.get(first, first))
    return argument


def _url(name: str, pattern: str, world: World) -> str:
    arguments = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
    values = {argument: ARGUMENTS[_subject(name, argument, pattern)](world) for argument in arguments}
    return reverse(name, kwargs=values)


def _entries() -> list[tuple[str, str]]:
    found = [(str(entry.name), str(entry.pattern)) for entry in addresses()]
    return [(name, pattern) for name, pattern in found if name not in {"styleguide", "styleguide_part"}]


def _client(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def _cast(school: make.School) -> dict[Role, User]:
    people = {role: make.user(role.value, role, school.site)[0] for role in (Role.COACH, Role.SCHOOL_ADMIN)}
    people |= {role: make.user(role.value, role)[0] for role in (Role.DISTRICT_TECH, Role.DISTRICT_IT, Role.AUDITOR)}
    helper = make.user("helper", Role.STUDENT_TECH, school.site, supervisor_id=school.lead.pk)[0]
    return people | {Role.IT_LEAD: school.lead, Role.STUDENT_TECH: helper}


def test_every_address_is_in_both_tables() -> None:
    names = {name for name, _pattern in _entries()}
    public = {name for name in names if DOORS[name].public}
    assert names - public == set(MAY) & (names - public), "an address is missing from this test's own table"
    assert not (set(MAY) & public)


@pytest.fixture
def town() -> make.District:
    return make.district(2)


def _happened() -> int:
    """Count what happened; that coaching and repairs were kept apart is written down each time (S4, S63)."""
    return sum(event.kind != RoleRefused.kind for event in replay())


def test_nobody_comes_in_where_they_do_not_belong(town: make.District) -> None:
    own, other = (world_of(town, school) for school in town.schools)
    cast = _cast(town.schools[0])
    before = _happened()
    wrong = [
        fault
        for name, pattern in _entries()
        if not DOORS[name].public
        for fault in [*_faults_of(name, pattern, own, other, cast), *_signed_out(name, pattern, own)]
    ]
    assert wrong == []
    assert _happened() == before, "a refused request changed something"


def _faults_of(name: str, pattern: str, own: World, other: World, cast: dict[Role, User]) -> list[str]:
    return [
        f"{method} {name} as {role} at {where}: {status}"
        for role, user in cast.items()
        for where, world in (("own", own), ("other", other))
        for method, status in _answers(_client(user), _url(name, pattern, world))
        if not _right(name, role, where, pattern, status)
    ]


def _answers(client: Client, url: str) -> list[tuple[str, int]]:
    return [
        ("GET", client.get(url).status_code),
        ("POST without its operation id", client.post(url, {}).status_code),
    ]


def _right(name: str, role: Role, where: str, pattern: str, status: int) -> bool:
    if status >= 500:
        return False
    inside = role in MAY.get(name, frozenset())
    about_a_school = "<" in pattern and name not in EVERYWHERE
    if inside and where == "other" and role in AT_SCHOOL and about_a_school:
        return status in {403, 404, 405, 422}
    if inside:
        return status != 403
    return status in {403, 404}


def _signed_out(name: str, pattern: str, own: World) -> list[str]:
    answered = _client(None).get(_url(name, pattern, own))
    asked_in = answered.status_code == 302 and answered.headers["Location"].startswith("/sign-in?next=")
    return [] if asked_in else [f"GET {name} signed out: {answered.status_code}"]


def test_lists_of_one_school_hold_nothing_of_another(town: make.District) -> None:
    for school in town.schools:
        world_of(town, school)
    here, there = town.schools
    page = _client(here.lead)
    for name, pattern in _entries():
        if "<" in pattern or DOORS[name].public or name == "sign_out":
            continue
        text = page.get(reverse(name)).getvalue().decode(errors="replace")
        assert f"Secret{there.site.pk}" not in text, name


def test_the_walk_can_fail(town: make.District, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = (world_of(town, school) for school in town.schools)
    cast = _cast(town.schools[0])
    monkeypatch.setattr(Person, "within", classmethod(lambda _cls, _sites: make.everything()))
    name, pattern = next((name, pattern) for name, pattern in _entries() if name == "person")
    faults = _faults_of(name, pattern, own, other, cast)
    assert any("it_lead at other" in fault for fault in faults)
