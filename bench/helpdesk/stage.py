"""Makes the queue and so many tickets: `python stage.py NUMBER`."""

import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402 -- needs the line above
from helpdesk.models import Queue, Ticket  # noqa: E402 -- the same

call_command("migrate", verbosity=0)
queue, _new = Queue.objects.get_or_create(slug="school", defaults={"title": "School", "allow_public_submission": True})
there = Ticket.objects.count()
rows = (
    Ticket(queue=queue, title=f"Screen {n}", submitter_email="a@example.org") for n in range(there, int(sys.argv[1]))
)
Ticket.objects.bulk_create(rows, batch_size=5000)
