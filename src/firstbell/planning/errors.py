"""How the planner says that a question can't be answered with these figures."""


class OutOfRange(ValueError):
    """A figure lies outside what a formula holds for; the text is a sentence for the person who typed it."""


def require(fine: bool, sentence: str) -> None:  # noqa: FBT001 -- reads as a sentence where it is called
    """Raise OutOfRange with the sentence unless it is fine."""
    if not fine:
        raise OutOfRange(sentence)
