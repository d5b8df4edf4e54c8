"""`firstbell worker`: reactions, mail, schedule and jobs, until it is asked to stop."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from firstbell.jobs.drain import drain
from firstbell.jobs.poller import Poller
from firstbell.jobs.post import post

DRAIN_SECONDS = 0.25
POST_SECONDS = 1.0


def _drain(at: datetime) -> int:
    return drain(at=at)


def _post(at: datetime) -> int:
    return post(at=at)


def pollers() -> list[Poller]:
    """Return the threads that work beside the jobs: reactions, and mail where it is set up."""
    made = [Poller(_drain, name="outbox", pause=DRAIN_SECONDS)]
    return [*made, Poller(_post, name="post", pause=POST_SECONDS)] if settings.MAIL_ON else made


class Command(BaseCommand):
    """Do background work."""

    help = "Do background work: reactions to events, the schedule, jobs. Stops cleanly on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask how many jobs may run at once."""
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at once in this process")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        beside = pollers()
        for poller in beside:
            poller.start()
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        try:
            with app.replace_connector(connector.get_worker_connector()):
                app.run_worker(concurrency=options["concurrency"], delete_jobs="successful")
        finally:
            for poller in beside:
                poller.end()
