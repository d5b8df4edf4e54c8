"""Letters leave the house once, in their reader's language, with no names; a server that is down loses none."""

import email
import smtplib
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import ClassVar

import pytest
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, transaction

from firstbell.directory.actions import Hours, set_hours
from firstbell.directory.models import RoleHeld, User
from firstbell.directory.queries import actor_for
from firstbell.jobs.drain import drain_all
from firstbell.jobs.post import is_final, post
from firstbell.kernel.actor import REPORTER
from firstbell.kernel.roles import Role
from firstbell.notices.actions import Message, choose_mail, mark_read, tell
from firstbell.notices.models import Letter, MailWish, Notice
from firstbell.notices.queries import unread
from firstbell.notices.rules import LEASE, LONGEST, TOGETHER, TRIES
from firstbell.tickets.actions import Report, open_ticket
from firstbell.tickets.models import Ticket
from tests import make

pytestmark = pytest.mark.django_db
S = Letter.State


@pytest.fixture(autouse=True)
def on(settings):
    settings.MAIL_ON = True
    settings.SITE_URL, settings.SITE_HOST = "https://help.district.example", "help.district.example"


@pytest.fixture
def town():
    made = make.district()
    drain_all(at=made.at)
    return made


@pytest.fixture
def lead(town):
    return addressed(town.schools[0].lead, "lead@district.example")


def addressed(user, address, language=""):
    User.objects.filter(pk=user.pk).update(email=address, language=language)
    return User.objects.get(pk=user.pk)


def broken(town, stopper=False):
    here = town.schools[0]
    report = Report(
        site_id=here.site.pk, symptom="cracked", place_id=here.places["room"].pk, class_stopper=stopper,
        reporter=Ticket.Reporter.STAFF, note="Canaria Secret sits in the third row",
    )  # fmt: skip
    ticket = open_ticket(report=report, channel=Ticket.Channel.QR, by=REPORTER, at=town.at, op=make.op())
    drain_all(at=town.at)
    return ticket


def told(town, user, kind=Notice.Kind.REPAIRS_AT_SCHOOL, cause="event:1", at=None, **more):
    message = Message(kind=kind, cause=cause, site_id=town.schools[0].site.pk, number=2, **more)
    tell(message=message, to=[user.pk], at=at or town.at)


def letters():
    return list(Letter.objects.everyone(reason="a test looks").order_by("pk"))


def states():
    return [letter.state for letter in letters()]


def sent():
    return django_mail.outbox


def test_a_class_that_cannot_go_on_pages_lead_and_team_at_once(town, lead):
    here = town.schools[0]
    helper, _actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    absent, _actor = make.user("helper", Role.STUDENT_TECH, here.site, supervisor_id=here.lead.pk)
    for user, weekday in ((helper, 0), (absent, 3)):
        held = RoleHeld.objects.get(user=user)
        hours = [Hours(weekday, town.at.time().replace(hour=6), town.at.time().replace(hour=18))]
        set_hours(role_held_id=held.pk, hours=hours, **make.system())
        person = make.person(here.site, email=f"{user.username}@students.example")
        User.objects.filter(pk=user.pk).update(person=person)
    broken(town, stopper=True)
    post(at=town.at)
    assert sorted(one.to[0] for one in sent()) == sorted([lead.email, f"{helper.username}@students.example"])
    (first, second) = sent()
    assert first.body.startswith(f"A class at {here.site.name} cannot go on: Room 12. Please go there now.")
    assert first.subject == f"Firstbell: A class cannot go on · {here.site.name}"
    assert "Canaria" not in first.message().as_string() + second.message().as_string()


def test_nobody_is_named_and_the_link_leads_into_firstbell(town, lead):
    broken(town, stopper=True)
    post(at=town.at)
    (mail,) = sent()
    (notice,) = unread(by=town.schools[0].lead_actor)
    (html,) = [content for content, kind in mail.alternatives if kind == "text/html"]
    for words in (mail.body, html):
        assert f"https://help.district.example/notices/{notice.pk}" in words
        assert "https://help.district.example/notices/mail" in words
        assert "Secret" not in words
    assert "style=" not in html
    assert mail.extra_headers["Auto-Submitted"] == "auto-generated"


def test_it_is_written_in_the_language_of_its_reader(town):
    addressed(town.schools[0].lead, "ana@district.example", language="es")
    broken(town, stopper=True)
    post(at=town.at)
    (mail,) = sent()
    assert "no puede continuar" in mail.body or "no puede seguir" in mail.body


def test_a_notice_is_sent_once_however_often_it_is_told_and_posted(town, lead):
    for _ in range(3):
        told(town, lead)
        post(at=town.at + TOGETHER)
    assert len(sent()) == 1
    assert states() == [S.SENT]


def test_what_can_wait_goes_together(town, lead):
    told(town, lead)
    told(town, lead, cause="event:2", at=town.at + TOGETHER / 2)
    told(town, lead, kind=Notice.Kind.CASE_STEP, cause="x", at=town.at + TOGETHER / 2)
    assert post(at=town.at + TOGETHER / 2) == 0, "nothing is due yet"
    post(at=town.at + TOGETHER)
    (mail,) = sent()
    assert mail.subject == "Firstbell: 3 notices"
    assert mail.body.count("https://help.district.example/notices/") == 4
    assert states() == [S.SENT] * 3


def test_many_are_cut_short_and_none_is_lost(town, lead):
    for number in range(25):
        told(town, lead, cause=f"event:{number}")
    post(at=town.at + TOGETHER)
    (mail,) = sent()
    assert "5 more notices" in mail.body
    assert states() == [S.SENT] * 25


def test_what_was_read_in_firstbell_before_is_not_sent(town, lead):
    told(town, lead)
    by = actor_for(lead, at=town.at)
    (notice,) = unread(by=by)
    mark_read(notice_id=notice.pk, by=by, at=town.at, op=make.op())
    post(at=town.at + TOGETHER)
    assert sent() == []
    assert states() == [S.READ]


def test_without_address_without_wish_or_without_a_server_no_letter_is_written(town, settings):
    user = town.schools[0].lead
    told(town, user)
    addressed(user, "lead@district.example")
    by = actor_for(user, at=town.at)
    choose_mail(wanted=["cases"], language="en", by=by, at=town.at, op=make.op())
    told(town, user, cause="event:2")
    settings.MAIL_ON = False
    told(town, user, kind=Notice.Kind.CASE_STEP, cause="event:3")
    assert letters() == []
    settings.MAIL_ON = True
    told(town, user, kind=Notice.Kind.CASE_STEP, cause="event:4")
    assert len(letters()) == 1
    assert unread(by=by).count() == 4, "each is seen in Firstbell all the same"


def test_new_tickets_come_by_mail_only_if_one_wants_them(town, lead):
    broken(town)
    assert letters() == []
    by = actor_for(lead, at=town.at)
    choose_mail(wanted=list(MailWish.Group.values), language="en", by=by, at=town.at, op=make.op())
    broken(town)
    assert len(letters()) == 1


class Down(EmailBackend):
    """A mail server that cannot be reached."""

    def open(self):
        raise ConnectionRefusedError("nobody@secret.example")


class Picky(EmailBackend):
    """A mail server that knows no such person."""

    def send_messages(self, messages):
        raise smtplib.SMTPRecipientsRefused({"lead@district.example": (550, b"no such user")})


def test_a_server_that_is_down_is_tried_again_and_nothing_is_lost(town, lead, settings, caplog, monkeypatch):
    monkeypatch.setattr("firstbell.jobs.post.get_connection", Down)
    told(town, lead)
    at = town.at + TOGETHER
    assert post(at=at) == 0
    assert post(at=at) == 0, "it waits before it is tried again"
    assert letters()[0].attempts == 1
    monkeypatch.undo()
    settings.MAIL_ON = True
    assert post(at=at + timedelta(minutes=1)) == 1
    assert len(sent()) == 1
    assert "secret" not in caplog.text
    assert "ConnectionRefusedError" in caplog.text


def test_it_is_given_up_after_eight_tries(town, lead, monkeypatch):
    monkeypatch.setattr("firstbell.jobs.post.get_connection", Down)
    told(town, lead)
    at = town.at + TOGETHER
    for _ in range(40):
        post(at=at)
        at += timedelta(minutes=30)
    assert states() == [S.FAILED]
    assert letters()[0].attempts == TRIES


def test_what_is_a_day_old_is_not_sent_any_more(town, lead):
    told(town, lead)
    post(at=town.at + LONGEST)
    assert sent() == []
    assert states() == [S.LATE]


def test_an_address_nobody_knows_ends_it_at_once(town, lead, monkeypatch, caplog):
    monkeypatch.setattr("firstbell.jobs.post.get_connection", Picky)
    told(town, lead)
    post(at=town.at + TOGETHER)
    assert states() == [S.FAILED]
    assert lead.email not in caplog.text


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (450, b"later")}), False),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"unknown")}), True),
        (smtplib.SMTPDataError(554, b"no"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPAuthenticationError(535, b"password"), False),
        (TimeoutError(), False),
        (ValueError("header"), True),
    ],
)
def test_what_is_worth_another_try(error, final):
    assert is_final(error) is final


def test_a_worker_killed_while_sending_leaves_the_letter_to_another_as_the_same_mail(town, lead, monkeypatch):
    told(town, lead)
    at = town.at + TOGETHER
    monkeypatch.setattr("firstbell.jobs.post.note_sent", lambda *_args, **_kwargs: None)
    post(at=at)
    monkeypatch.undo()
    assert post(at=at + LEASE / 2) == 0, "it belongs to the first worker still"
    post(at=at + LEASE)
    assert states() == [S.SENT]
    first, second = sent()
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert first.extra_headers["Message-ID"].endswith("@help.district.example>")


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_letter():
    town = make.district()
    lead = addressed(town.schools[0].lead, "lead@district.example")
    told(town, lead)

    def other():
        try:
            return post(at=town.at + TOGETHER)
        finally:
            connection.close()

    with transaction.atomic():
        assert post(at=town.at + TOGETHER) == 1
        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(other).result() == 0
    assert len(sent()) == 1


class Sink(socketserver.StreamRequestHandler):
    """A mail server of this machine that keeps what it is given."""

    kept: ClassVar[list[str]] = []

    def handle(self):
        self.say("220 here")
        for line in self.rfile:
            word = line.decode().strip().upper()
            self.say({"DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 fine"))
            if word == "DATA":
                self.kept.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.say("250 kept")
            if word == "QUIT":
                break

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


def test_it_goes_to_a_mail_server_as_text_and_page(town, lead, settings):
    broken(town, stopper=True)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Sink) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_USE_TLS = False
        settings.EMAIL_TIMEOUT = 5
        assert post(at=town.at) == 1
        server.shutdown()
    (kept,) = Sink.kept
    read = email.message_from_string(kept)
    assert read["To"] == lead.email
    assert read["Message-ID"].startswith("<letter-")
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert states() == [S.SENT]
