"""The four ways a verb says no. They become answers in one place (web.errors, api.errors)."""

from firstbell.kernel.roles import Permission, Role


class Missing(Exception):
    """There is no such thing within the actor's reach. Becomes 404: a stranger learns nothing."""


class Denied(Exception):
    """This person may not do this."""

    def __init__(self, permission: Permission, *, barred_role: Role | None = None) -> None:
        super().__init__(permission)
        self.permission = permission
        self.barred_role = barred_role


class Refused(Exception):
    """It cannot be done now. ``code`` is stable, ``sentence`` says why, ``decision`` names the rule of the plan."""

    def __init__(self, code: str, sentence: object, /, *, decision: str | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self._sentence = sentence
        self.decision = decision
        self.facts = facts

    @property
    def sentence(self) -> str:
        """The reason in the reader's language, with its facts filled in."""
        return str(self._sentence).format(**self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"


class Stale(Refused):
    """Somebody was faster. The sentence says who has it now."""
