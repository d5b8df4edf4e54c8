"""A homeroom's list on the phone, and what a phone says of turns."""

import pytest

from firstbell.devices.models import Assignment
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.seasons.actions import start_handing_out
from firstbell.seasons.models import Turn
from tests import make
from tests.seasons.school import Ready, ready
from tests.web.depot.world import signed_in
from tests.web.scan.test_door import Sender

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Ready:
    return ready()


def test_the_list_says_who_is_next_and_knows_owners_by_todays_handle(here):
    group, students = here.homeroom(2)
    own = make.device(here.town, here.school, students[1])
    start_handing_out(class_group_id=group.pk, **here.act())
    client = signed_in(here.school.lead)
    told = client.get(f"/scan/turns/{group.pk}").json()
    assert [row["person"] for row in told["students"]] == [person.pk for person in students]
    assert [row["state"] for row in told["students"]] == ["waits", "has"]
    known = client.get(f"/scan/bundle?code={own.tag}").json()["things"][0]
    assert known["owner"] == told["students"][1]["who"] != told["students"][0]["who"]


def test_a_list_that_is_not_open_or_of_another_school_is_not_there(here):
    group, _students = here.homeroom(1)
    lead = signed_in(here.school.lead)
    assert lead.get(f"/scan/turns/{group.pk}").status_code == 404
    start_handing_out(class_group_id=group.pk, **here.act())
    assert lead.get(f"/scan/turns/{group.pk}").status_code == 200
    other = make.user("elsewhere", Role.IT_LEAD, make.school("Elsewhere").site)[0]
    assert signed_in(other).get(f"/scan/turns/{group.pk}").status_code == 404


def test_a_phone_names_the_student_or_leaves_it_to_the_list(here):
    group, students = here.homeroom(4)
    devices = [here.spare() for _ in range(2)]
    start_handing_out(class_group_id=group.pk, **here.act(at=utc_now()))
    phone = Sender(signed_in(here.school.lead))
    told = phone.states(
        phone.scan("skip", group=group.pk),
        phone.scan("hand_out", group=group.pk, device=devices[0].tag, person_id=students[2].pk),
        phone.scan("hand_out", group=group.pk, device=devices[1].tag),
        phone.scan("undo_hand_out", group=group.pk, person_id=students[2].pk),
        phone.scan("skip", group=group.pk, person_id=students[3].pk),
        phone.scan("undo_hand_out", group=group.pk, person_id=students[0].pk),
    )
    assert told == [("applied", "")] * 6
    owners = Assignment.objects.filter(until=None, device__in=devices).values_list("person_id", "device_id")
    assert list(owners) == [(students[1].pk, devices[1].pk)]
    standing = Turn.objects.filter(undone_at=None).order_by("person__family_name")
    assert [(turn.person_id, turn.device_id) for turn in standing] == [
        (students[1].pk, devices[1].pk),
        (students[3].pk, None),
    ]


def test_a_skip_when_everybody_had_a_turn_is_kept_for_a_person_to_see(here):
    group, students = here.homeroom(1)
    start_handing_out(class_group_id=group.pk, **here.act(at=utc_now()))
    phone = Sender(signed_in(here.school.lead))
    assert phone.states(phone.scan("skip", group=group.pk)) == [("applied", "")]
    assert phone.states(phone.scan("skip", group=group.pk)) == [("conflict", "list_done")]
    listed = phone.client.get("/scan/conflicts").content.decode()
    assert "A student was skipped" in listed
    assert students[0].display_name not in listed


def test_a_code_that_nobody_knows_is_kept_where_the_person_works(here):
    phone = Sender(signed_in(here.school.lead))
    assert phone.states(phone.scan("collect", device="NO-SUCH")) == [("conflict", "unknown_code")]
    assert "NO-SUCH" in phone.client.get("/scan/conflicts").content.decode()
