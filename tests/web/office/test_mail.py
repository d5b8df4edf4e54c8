"""Each chooses what comes by mail; an address counts once its owner has opened the link that went to it."""

import re
from typing import Any

import pytest
from django.core import mail as django_mail
from django.test import Client

from firstbell import doctor
from firstbell.directory.models import User
from firstbell.directory.queries import address_of, language_of
from firstbell.jobs.post import post
from firstbell.kernel.clock import utc_now
from firstbell.kernel.roles import Role
from firstbell.ledger.queries import history, replay
from firstbell.notices.actions import Message, tell
from firstbell.notices.models import Letter, Notice
from firstbell.notices.queries import wishes
from firstbell.notices.rules import MOST_ASKED
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> make.District:
    return make.district(2)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _send(client: Client, path: str, **content: object) -> tuple[int, str]:
    answered = client.post(path, {"op": str(make.op()), **content}, follow=True)
    return answered.status_code, answered.content.decode()


def _link() -> str:
    found = re.search(r"(/notices/mail/address/\S+)", str(django_mail.outbox[-1].body))
    assert found
    return found[1]


def test_one_chooses_what_comes_and_in_which_language(town: make.District) -> None:
    lead = town.schools[0].lead
    page = _client(lead).get("/notices/mail").content.decode()
    assert len(re.findall(r'name="wanted"[^>]* checked', page)) == 4
    status, page = _send(_client(lead), "/notices/mail/choice", wanted=["urgent", "tickets"], language="es")
    assert status == 200
    assert re.findall(r'value="(\w+)" id="wanted-\w+" checked', page) == ["urgent", "tickets"]
    assert {group.value for group, wanted in wishes([lead.pk])[lead.pk].items() if wanted} == {"urgent", "tickets"}
    assert language_of(User.objects.get(pk=lead.pk)) == "es"
    (last,) = [event for event in history(lead) if event.kind == "notices.mail_chosen"]
    assert last.facts["wanted"] == ["urgent", "tickets"]


def test_a_language_that_is_not_offered_is_refused_and_nothing_stays(town: make.District) -> None:
    lead = town.schools[0].lead
    status, page = _send(_client(lead), "/notices/mail/choice", wanted=["tickets"], language="xx")
    assert status == 422
    assert "Choose one of the languages offered." in page
    assert not wishes([lead.pk])[lead.pk]["tickets"]  # type: ignore[index]  # a TextChoices is its text


def test_an_address_counts_once_its_owner_has_opened_the_link(town: make.District) -> None:
    here, other = town.schools
    status, page = _send(_client(here.lead), "/notices/mail/address", address="ana@district.example")
    assert status == 200
    assert "A mail went to ana@district.example" in page
    assert address_of(User.objects.get(pk=here.lead.pk)) == "", "not yet"
    assert post(at=utc_now()) == 1
    assert django_mail.outbox[-1].to == ["ana@district.example"]
    assert _client(other.lead).get(_link()).status_code == 404
    assert _client(here.lead).get(_link()).status_code == 200
    assert address_of(User.objects.get(pk=here.lead.pk)) == "", "opening a link changes nothing"
    status, page = _send(_client(here.lead), _link())
    assert status == 200
    assert "You have confirmed this address." in page
    assert address_of(User.objects.get(pk=here.lead.pk)) == "ana@district.example"
    assert _send(_client(here.lead), _link())[0] == 422, "once"
    assert "ana@district" not in str([event.facts for event in replay()])


def test_the_newest_address_counts(town: make.District) -> None:
    lead = town.schools[0].lead
    for address in ("old@district.example", "new@district.example"):
        _send(_client(lead), "/notices/mail/address", address=address)
    post(at=utc_now())
    assert [mail.to for mail in django_mail.outbox] == [["new@district.example"]]


def test_a_link_that_went_to_another_address_before_is_void(town: make.District) -> None:
    lead = town.schools[0].lead
    _send(_client(lead), "/notices/mail/address", address="old@district.example")
    post(at=utc_now())
    link = _link()
    _send(_client(lead), "/notices/mail/address", address="new@district.example")
    status, page = _send(_client(lead), link)
    assert status == 422
    assert "another address was named since" in page
    assert address_of(User.objects.get(pk=lead.pk)) == ""


def test_nobody_is_bothered_with_many_questions(town: make.District) -> None:
    lead = town.schools[0].lead
    answers = [_send(_client(lead), "/notices/mail/address", address=f"a{n}@x.example") for n in range(MOST_ASKED + 1)]
    assert [status for status, _page in answers] == [200] * MOST_ASKED + [422]
    assert "Try again tomorrow." in answers[-1][1]


@pytest.mark.parametrize("address", ["", "ana", "a@b\nBcc: x@y.z", "ana@district.example, eve@elsewhere.example"])
def test_what_is_no_address_is_refused(town: make.District, address: str) -> None:
    status, page = _send(_client(town.schools[0].lead), "/notices/mail/address", address=address)
    assert status == 422
    assert "That is no mail address." in page
    assert not Letter.objects.everyone(reason="a test looks").exists()


def test_no_address_of_a_student_is_collected(town: make.District) -> None:
    here = town.schools[0]
    helper, _actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    person = make.person(here.site, email="kim@students.example")
    User.objects.filter(pk=helper.pk).update(person=person)
    page = _client(helper).get("/notices/mail").content.decode()
    assert 'name="address"' not in page
    assert "kim@students.example" in page
    status, page = _send(_client(helper), "/notices/mail/address", address="kim@elsewhere.example")
    assert status == 422
    assert "Student helpers get mail at their school address only." in page


def test_without_a_mail_server_the_page_says_so(town: make.District, settings: Any) -> None:
    settings.MAIL_ON = settings.MAIL_TO_FILES = False
    page = _client(town.schools[0].lead).get("/notices/mail").content.decode()
    assert "No mail server is set up" in page
    assert 'name="address"' not in page
    status, page = _send(_client(town.schools[0].lead), "/notices/mail/address", address="ana@district.example")
    assert status == 422
    assert "No mail leaves here" in page


def test_the_doctor_says_how_mail_stands(town: make.District, settings: Any) -> None:
    settings.MAIL_ON = settings.MAIL_TO_FILES = False
    assert "Notices are seen in Firstbell only" in doctor.mail().advice
    settings.MAIL_ON, settings.EMAIL_HOST = True, "mail.district.example"
    assert doctor.mail() == doctor.Answer(
        "mail.district.example:587; 0 waiting, 0 of them in vain so far; 0 given up in seven days", grave=False
    )
    _send(_client(town.schools[0].lead), "/notices/mail/address", address="ana@district.example")
    rows = Letter.objects.everyone(reason="a test spoils")
    rows.update(attempts=3)
    assert doctor.mail().grave
    assert "1 of them in vain" in doctor.mail().found
    rows.update(state=Letter.State.FAILED, ended_at=utc_now())
    assert "refused" in doctor.mail().advice


def test_a_mail_that_could_not_be_delivered_is_said_to_its_reader(town: make.District) -> None:
    lead = town.schools[0].lead
    Letter.objects.create(
        user=lead, address="gone@district.example", state=Letter.State.FAILED, next_try_at=town.at, made_at=town.at,
        ended_at=town.at,
    )  # fmt: skip
    assert "could not be delivered" in _client(lead).get("/notices/mail").content.decode()


def test_the_link_of_a_notice_leads_to_what_it_is_about_and_changes_nothing(town: make.District) -> None:
    here, other = town.schools
    device = make.device(town, here)
    message = Message(Notice.Kind.CLOSET, "closet:1", here.site.pk, device_id=device.pk, number=5)
    tell(message=message, to=[here.lead.pk], at=town.at)
    notice = Notice.objects.everyone(reason="a test looks").get()
    answered = _client(here.lead).get(f"/notices/{notice.pk}")
    assert answered.headers["Location"] == f"/devices/{device.tag}"
    notice.refresh_from_db()
    assert notice.read_at is None
    assert _client(other.lead).get(f"/notices/{notice.pk}").status_code == 404


def test_the_roster_answers_where_nobody_has_chosen(town: make.District) -> None:
    here = town.schools[0]
    person = make.person(here.site, kind="staff", email="ana@school.example", language="es-MX")
    User.objects.filter(pk=here.lead.pk).update(person=person)
    user = User.objects.select_related("person").get(pk=here.lead.pk)
    assert (address_of(user), language_of(user)) == ("ana@school.example", "es")
