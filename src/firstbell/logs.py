"""What is written to the log: where something happened and of what kind, never with whose data.

Paths hold tokens and names, and messages of exceptions quote rows ("Failing row contains ..."). So a request is named
by its route, and an exception by its type and the lines of code it passed.
"""

import logging
import traceback
from types import TracebackType

Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class QuietFormatter(logging.Formatter):
    """One line an event; tracebacks without what the exceptions said."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's own name
        """Name requests by their route."""
        request = getattr(record, "request", None)
        if request is not None and record.name.startswith("django"):
            match = getattr(request, "resolver_match", None)
            status, method = getattr(record, "status_code", ""), getattr(request, "method", "")
            record.message = f"{status} {method} {match.route if match else '(no such address)'}"
        return super().formatMessage(record)

    def formatException(self, ei: Caught) -> str:  # noqa: N802 -- logging's own name
        """The code passed and the types raised, the first cause last."""
        error, lines = ei[1], list[str]()
        while error is not None:
            lines += [
                *traceback.format_tb(error.__traceback__),
                f"{type(error).__module__}.{type(error).__qualname__}\n",
            ]
            error = error.__cause__ or error.__context__
        return "".join(lines).rstrip()

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 -- logging's own name
        """Stacks hold code only."""
        return stack_info
