"""The settings of tests and of the type checker: the real ones, in test mode."""

import os

os.environ["FIRSTBELL_MODE"] = "test"

from firstbell.settings import *  # noqa: F403, TID251 -- the mode must be known first; only tests may do this
from firstbell.settings import DATABASES, DEBUG  # noqa: TID251 -- the same

assert not DEBUG

DATABASES["default"] |= {
    "CONN_MAX_AGE": 0,
    # Several people may run tests in one checkout at once: each process has a database of its own.
    "TEST": {"NAME": f"test_firstbell_{os.getpid()}", "SERIALIZE": False},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast; nobody's password
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
