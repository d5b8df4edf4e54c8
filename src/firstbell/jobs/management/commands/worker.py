"""`firstbell worker`: reactions, schedule and jobs, until it is asked to stop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from firstbell.jobs.drain import Drainer


class Command(BaseCommand):
    """Do background work."""

    help = "Do background work: reactions to events, the schedule, jobs. Stops cleanly on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask how many jobs may run at once."""
        parser.add_argument("--concurrency", type=int, default=2, help="jobs at once in this process")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until SIGTERM."""
        drainer = Drainer()
        drainer.start()
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        try:
            with app.replace_connector(connector.get_worker_connector()):
                app.run_worker(concurrency=options["concurrency"], delete_jobs="successful")
        finally:
            drainer.end()
