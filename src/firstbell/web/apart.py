"""What was refused to keep coaching and repairs apart is kept on record: the log that S4 and S63 ask for."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from firstbell.directory.actions import note_kept_apart
from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Denied
from firstbell.kernel.roles import Role


def note_barred(error: Denied, sent: Mapping[str, str], *, by: Actor, at: datetime) -> None:
    """Note that somebody wanted to do what one of their roles takes away, such as a coach who wants to ship."""
    if error.barred_role is not None and by.user_id is not None:
        reason = error.permission.value
        note_refusal(by.user_id, error.barred_role, None, reason=reason, sent=sent, by=by, at=at)


def note_refusal(
    user_id: int, role: Role, site_id: int | None, *, reason: str, sent: Mapping[str, str], by: Actor, at: datetime
) -> None:
    """Note one refusal. The same form sent twice counts once."""
    note_kept_apart(user_id=user_id, role=role, site_id=site_id, reason=reason, by=by, at=at, op=_operation(sent))


def _operation(sent: Mapping[str, str]) -> UUID:
    """Return an id of its own: the form's may still be used for what is allowed."""
    try:
        return uuid5(UUID(sent.get("op", "")), "refused")
    except ValueError:
        return uuid4()
