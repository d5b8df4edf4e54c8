"""The link in a letter that asks whether an address is theirs: it names the letter, never the person or address."""

from django.core import signing

SALT = "firstbell.address"
SECONDS = 3 * 24 * 60 * 60


def token_of(letter_id: int) -> str:
    """Return the token of a letter's link."""
    return signing.dumps(letter_id, salt=SALT)


def letter_of(token: str) -> int | None:
    """Return the letter that a token belongs to; None when it was tampered with or is older than three days."""
    try:
        return int(signing.loads(token, salt=SALT, max_age=SECONDS))
    except signing.BadSignature:
        return None
