"""The only writer of the ledger: ``verb`` runs a command once, ``record`` writes what happened."""

import functools
import hashlib
import inspect
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import Field, dataclass, field, fields, is_dataclass
from datetime import date, datetime, time
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from firstbell.kernel.actor import Actor
from firstbell.kernel.errors import Refused
from firstbell.kernel.sealed import Sealed
from firstbell.ledger.facts import Fact
from firstbell.ledger.models import Operation
from firstbell.ledger.writing import Line, Subject, line, write_events


@dataclass(frozen=True)
class Begun:
    """A verb under way: its operation id, and the events that it writes all at once when it ends, in their order."""

    id: UUID
    lines: list[Line] = field(default_factory=list)

    def write(self) -> None:
        """Write what is recorded so far."""
        write_events(self.lines)
        self.lines.clear()


Op = UUID | Begun
"""A client's operation id, or what the verb that calls this one has begun."""


@dataclass(frozen=True)
class _Call:
    verb: str
    by: Actor
    fingerprint: str


P = ParamSpec("P")
R = TypeVar("R")


def verb(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function a command: keyword-only, in one transaction, done once for one operation id.

    The function takes ``by=`` (Actor), ``at=`` (datetime) and ``op=`` (Op) among its keywords and returns a model
    instance or None. Called again with the same id and the same content it answers the same without a second effect;
    with other content or by another actor it is refused (code ``operation_reused``). Inside a verb, pass ``op`` on.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        begun = kwargs["op"]
        if isinstance(begun, Begun):
            with _inner(begun):
                return function(*args, **kwargs)
        return cast("R", _run_once(function, kwargs))

    return run


@contextmanager
def _inner(begun: Begun) -> Iterator[None]:
    """A verb inside another: when it is refused its events are forgotten, also where the outer one goes on."""
    before = len(begun.lines)
    try:
        yield
    except BaseException:
        del begun.lines[before:]
        raise


def _run_once(function: Callable[..., Any], kwargs: dict[str, Any]) -> object:
    op = UUID(str(kwargs["op"]))
    call = _Call(function.__qualname__, kwargs["by"], _fingerprint(function, kwargs))
    with transaction.atomic():
        _wait_for_twin(op)
        done = Operation.objects.filter(pk=op).first()
        if done:
            return _answer_again(done, call)
        begun = Begun(op)
        result = function(**kwargs | {"op": begun})
        begun.write()
        Operation.objects.create(
            id=op,
            verb=call.verb,
            actor_kind=call.by.kind,
            actor_user_id=call.by.user_id,
            fingerprint=call.fingerprint,
            result=_reference(result),
        )
    return result


def _wait_for_twin(op: UUID) -> None:
    """Let a second delivery of the same command wait until the first has committed or rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [op.int % 2**63])


def _answer_again(done: Operation, call: _Call) -> object:
    same_actor = (done.actor_kind, done.actor_user_id) == (call.by.kind, call.by.user_id)
    if not same_actor or (done.verb, done.fingerprint) != (call.verb, call.fingerprint):
        raise Refused(
            "operation_reused",
            _("This was sent before with other content. Reload the page and try again."),
        )
    if not done.result:
        return None
    model = apps.get_model(done.result["model"])
    return model._base_manager.get(pk=done.result["id"])


def _reference(result: object) -> dict[str, Any]:
    if result is None:
        return {}
    if not isinstance(result, models.Model):
        raise TypeError("a verb returns a model instance or None, so that it can answer again")
    return {"model": result._meta.label_lower, "id": result.pk}


def _fingerprint(function: Callable[..., Any], kwargs: dict[str, Any]) -> str:
    """Return the digest of what was asked for.

    What equals its default is left out: after an upgrade that adds a keyword, a phone may still repeat what it sent.
    What is sealed is left out too: a digest of few possible words would give it away.
    """
    usual = {name: parameter.default for name, parameter in inspect.signature(function).parameters.items()}
    open_ones = {name: value for name, value in kwargs.items() if not isinstance(value, Sealed)}
    said = {name: value for name, value in open_ones.items() if name not in {"by", "at", "op"} and usual[name] != value}
    content = {name: _canonical(value) for name, value in said.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, models.Model):
        return f"{value._meta.label_lower}:{value.pk}"
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value) if not _is_default(value, part)}
        return _canonical(parts)
    if isinstance(value, dict):
        return {str(key): _canonical(part) for key, part in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(str(_canonical(part)) for part in value)
    if isinstance(value, (list, tuple)):
        return [_canonical(part) for part in value]
    if isinstance(value, (datetime, date, time, UUID)):
        return str(value)
    return value


def _is_default(value: object, part: Field[Any]) -> bool:
    return bool(getattr(value, part.name) == part.default)


def record(fact: Fact, *, about: Iterable[models.Model | Subject], by: Actor, at: datetime, op: Op) -> None:
    """Record one event about these subjects: it is written, with its place in the outbox, when the verb ends."""
    if not isinstance(op, Begun):
        raise TypeError("record belongs inside a verb")
    op.lines.append(line(fact, map(_subject, about), by=by, at=at, op=op.id))


def linked(row: models.Model, *names: str) -> list[Subject]:
    """Return what a row's foreign keys of these names lead to, without fetching it; empty ones are left out."""
    keys = [cast("models.ForeignKey[Any, Any]", row._meta.get_field(name)) for name in names]
    ids = [(str(key.related_model._meta.model_name), getattr(row, key.attname)) for key in keys]
    return [(kind, pk) for kind, pk in ids if pk is not None]


def _subject(one: models.Model | Subject) -> Subject:
    return one if isinstance(one, tuple) else (str(one._meta.model_name), int(one.pk))
