"""Jobs as procrastinate knows them: the schedule's, and one that brings back what a killed worker left behind."""

from collections.abc import Callable

from procrastinate import JobContext
from procrastinate.contrib.django import app

from firstbell.jobs import lists
from firstbell.jobs.schedule import SCHEDULE, Periodic
from firstbell.kernel.clock import utc_now

SILENT_WORKER_SECONDS = 30
"""A worker reports every ten seconds; after thirty without a word it is dead and its jobs are given to others."""


def _job(periodic: Periodic) -> Callable[[int], None]:
    def run(timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it in; the work goes by the clock
        periodic.run(utc_now())

    return run


for entry in SCHEDULE:
    task = app.task(name=entry.name, queueing_lock=entry.name, lock=entry.name)(_job(entry))
    app.periodic(cron=entry.cron)(task)


@app.task(name="take_list")
def take_list(upload_id: int) -> None:
    """Look through a list of devices, or import it; what is done already is left alone."""
    lists.take(upload_id, at=utc_now())


@app.periodic(cron="* * * * *")
@app.task(name="bring_back_stalled", queueing_lock="bring_back_stalled", pass_context=True)
async def bring_back_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001 - procrastinate hands it in
    """Give jobs of workers that have gone silent to others."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENT_WORKER_SECONDS):
        await manager.retry_job(job)
    await manager.prune_stalled_workers(SILENT_WORKER_SECONDS)
