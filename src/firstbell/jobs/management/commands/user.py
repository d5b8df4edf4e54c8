"""`firstbell user make NAME` makes the first login and any later one; `user password NAME` replaces a lost password."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from firstbell.directory.actions import grant_role, make_user, set_password
from firstbell.directory.models import Site, User
from firstbell.kernel.actor import SYSTEM
from firstbell.kernel.clock import utc_now
from firstbell.kernel.errors import Refused
from firstbell.kernel.roles import Role
from firstbell.kernel.sealed import Sealed


class Command(BaseCommand):
    """Make logins and set passwords from the machine that Firstbell runs on."""

    help = (
        "Make a login with a role, or set a login's password. The password is asked for, or read from standard input."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for whom and as what."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        make = verbs.add_parser("make", help="make a login and give it a role")
        make.add_argument("name", help="what the person types to sign in")
        make.add_argument("--full-name", default="", help="as others see it (default: the name)")
        make.add_argument("--role", choices=[role.value for role in Role], default=Role.DISTRICT_IT.value)
        make.add_argument("--site", metavar="CODE", help="the site's code, for a role held at a school")
        password = verbs.add_parser("password", help="set a login's password")
        password.add_argument("name")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it, or say what to do instead."""
        name = str(options["name"]).strip().lower()
        try:
            if options["verb"] == "make":
                self._make(name, options)
            else:
                self._set(name)
        except Refused as refusal:
            raise CommandError(refusal.sentence) from refusal

    def _make(self, name: str, options: dict[str, Any]) -> None:
        site_id = _site(options["site"]) if options["site"] else None
        role, at = Role(options["role"]), utc_now()
        password = Sealed(_asked())
        with transaction.atomic():
            user = make_user(
                username=name,
                display_name=options["full_name"] or name,
                password=password,
                person_id=None,
                by=SYSTEM,
                at=at,
                op=uuid4(),
            )
            grant_role(user_id=user.pk, role=role, site_id=site_id, by=SYSTEM, at=at, op=uuid4())
        self.stdout.write(f"{name} can sign in as {role.value}.")

    def _set(self, name: str) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no login called {name}. `firstbell user make {name}` makes one.")
        set_password(user_id=user.pk, password=Sealed(_asked()), by=SYSTEM, at=utc_now(), op=uuid4())
        self.stdout.write(f"The password of {name} is set.")


def _site(code: str) -> int:
    site = Site.objects.filter(code=code.upper()).first()
    if site is None:
        raise CommandError(f"No site has the code {code}. The page Sites lists them.")
    return site.pk


def _asked() -> str:
    """Return the password, typed twice at a terminal, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first, again = getpass("Password: "), getpass("Again: ")
    if first != again:
        raise CommandError("The two passwords differ. Nothing was changed.")
    return first
