"""Work that needs a page's list, done by a worker."""

from procrastinate.contrib.django import app

from firstbell.kernel.clock import utc_now
from firstbell.transfers.models import Download
from firstbell.web.exports import write


@app.task(name="write_export")
def write_export(download_id: int) -> None:
    """Write an export; one that is written already, or gone, is left alone."""
    rows = Download.objects.everyone(reason="a worker writes it as its owner would see it")
    download = rows.filter(pk=download_id, state=Download.State.ORDERED).first()
    if download is not None:
        write(download, at=utc_now())
