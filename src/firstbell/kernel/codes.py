"""Codes that people scan, type and read aloud, and tokens that nobody should guess."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0/O, 1/I: a code is often read from a worn label."""


def new_code(length: int = 8) -> str:
    """Return a random code of the unambiguous alphabet, 5 bits a character. An address, never a credential."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_token() -> str:
    """Return a URL-safe token of 160 bits."""
    return secrets.token_urlsafe(20)


def token_hash(token: str) -> str:
    """Return what is stored of a token: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
