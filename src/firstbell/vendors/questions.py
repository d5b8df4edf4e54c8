"""What every vendor is asked (S80-S88), as data. Unanswered means no: nothing is relied on that nobody has said."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from firstbell.kernel.errors import Refused


@dataclass(frozen=True)
class Option:
    """One possible answer."""

    code: str
    label: Any


YES_NO = (Option("yes", _("yes")), Option("no", _("no")))


@dataclass(frozen=True)
class Question:
    """One question: its requirement number, its texts and its options, or the largest number it takes."""

    key: str
    number: str
    title: Any
    help: Any
    options: tuple[Option, ...] = ()
    unit: Any = ""
    most: int = 0

    def read(self, text: str) -> str:
        """Return an answer as it is stored; raises Refused for what is none."""
        if self.options and text in {option.code for option in self.options}:
            return text
        if self.most and text.isascii() and text.isdigit() and len(text) < 7 and int(text) <= self.most:
            return str(int(text))
        if self.most:
            raise Refused("number_wrong", _("Give a whole number from 0 to {most}."), most=self.most)
        raise Refused("not_an_option", _("Choose one of the answers offered."))

    def in_words(self, text: str) -> str:
        """Return an answer as a person would say it."""
        if self.options:
            return next((str(option.label) for option in self.options if option.code == text), text)
        return f"{text} {self.unit}".strip()


ACCIDENTS = Question(
    "accidents", "S80", _("Do they repair accidental damage under a cover?"),
    _("Which faults and causes a cover pays for is set under Device cover; this is what they say themselves."), YES_NO,
)  # fmt: skip
LIMIT = Question(
    "limit", "S81", _("Is their cover limited to an amount?"), _("The amounts are set under Device cover."), YES_NO
)
CLAIMS = Question(
    "claims", "S82", _("Is their cover limited to a number of claims a year?"),
    _("The number is set under Device cover."), YES_NO,
)  # fmt: skip
PARTS = Question(
    "parts", "S83", _("Can they get parts for our devices?"),
    _("If not, a device that needs a part is not handed to them."),
    (Option("yes", _("yes")), Option("some", _("for some models")), Option("no", _("no"))),
)  # fmt: skip
DAYS = Question(
    "days", "S83", _("Within how many weekdays do they promise a device back?"),
    _("Counted from the day it was sent, unless they name a day. Later than that it is overdue."),
    unit=_("weekdays"), most=120,
)  # fmt: skip
VOIDS = Question(
    "voids", "S84", _("Does opening a device in the district void their warranty?"),
    _("If so, the bench is told before it repairs a device that this vendor covers."), YES_NO,
)  # fmt: skip
FEED = Question(
    "feed", "S85", _("How do they tell where a device is?"),
    _("A file or the text of a mail can be handed in below; a phone call is noted on the case."),
    (Option("file", _("by a file")), Option("mail", _("by mail")), Option("ask", _("when asked"))),
)  # fmt: skip
BOXES = Question(
    "boxes", "S86", _("Do they provide the boxes?"), _("If so, the number of their box is asked for when one is sent."),
    (Option("both", _("for both ways")), Option("back", _("for the way back")), Option("no", _("no"))),
)  # fmt: skip
SHIPPING = Question(
    "shipping", "S87", _("Do they pay for the shipping?"),
    _("If not for the way out, what it cost is asked for when a box is sent."),
    (Option("both", _("both ways")), Option("out", _("the way out")), Option("no", _("no"))),
)  # fmt: skip
TRACKING = Question(
    "tracking", "S88", _("Do they offer a tracking number?"),
    _("If so, no box leaves without its number."), YES_NO,
)  # fmt: skip

QUESTIONS = (ACCIDENTS, LIMIT, CLAIMS, PARTS, DAYS, VOIDS, FEED, BOXES, SHIPPING, TRACKING)
BY_KEY = {question.key: question for question in QUESTIONS}
