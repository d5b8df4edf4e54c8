"""The one settings file.

Every variable is read through `env`, with its meaning; `firstbell doctor --variables` lists them.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from firstbell.database import NAME, Server
from firstbell.env import WrongVariableError, env

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent.parent

MODE = env.choice(
    "FIRSTBELL_MODE",
    ("production", "demo", "development", "test"),
    "production",
    "Production refuses every unsafe default; demo and development run on this machine only, with made-up data.",
)
SAFE = MODE == "production"
DEBUG = MODE == "development"

HOME = ROOT if (ROOT / "pyproject.toml").exists() else Path.cwd()  # a checkout keeps its data beside its code
DATA_DIR = env.path("FIRSTBELL_DATA_DIR", HOME / "var", "Folder for the embedded database, uploads and working files.")

# --- Secrets ----------------------------------------------------------------------------------------------------

INSECURE_KEY = "only-for-demo-development-and-tests-never-for-real-people"
SECRET_KEY = env.secret(
    "FIRSTBELL_SECRET_KEY",
    "Signs sessions and links. At least 50 random characters; the same on every machine.",
    default="" if SAFE else INSECURE_KEY,
)
SECRET_KEY_FALLBACKS = [
    key for key in [env.secret("FIRSTBELL_SECRET_KEY_OLD", "The previous key, accepted until sessions ran out.")] if key
]
if SAFE and (len(SECRET_KEY) < 50 or SECRET_KEY == INSECURE_KEY):
    raise WrongVariableError(
        "FIRSTBELL_SECRET_KEY is missing or shorter than 50 characters. Make one with "
        "`python3 -c 'import secrets; print(secrets.token_urlsafe(50))'` and keep it in a file named by "
        "FIRSTBELL_SECRET_KEY_FILE. To look around with made-up data instead, run `make demo`."
    )

# --- Addresses --------------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.names(
    "FIRSTBELL_HOSTS",
    () if SAFE else ("localhost", "127.0.0.1", "[::1]", "testserver"),
    "Names under which people reach this system, separated by commas.",
)
if SAFE and not ALLOWED_HOSTS:
    raise WrongVariableError("FIRSTBELL_HOSTS is empty. Set it to your address, such as help.district.example.")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if SAFE]
BEHIND_PROXY = env.flag(
    "FIRSTBELL_BEHIND_PROXY", "A proxy in front ends TLS and always sets X-Forwarded-Proto itself.", default=False
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_SSL_REDIRECT = SAFE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = env.whole(
    "FIRSTBELL_HSTS_SECONDS", 31_536_000 if SAFE else 0, "How long browsers insist on https, in seconds."
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SAFE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * env.whole("FIRSTBELL_SESSION_HOURS", 12, "Hours until people sign in again.", least=1)

ROOT_URLCONF = "firstbell.urls"
CSRF_FAILURE_VIEW = "firstbell.web.errors.outdated_page"
WSGI_APPLICATION = "firstbell.wsgi.application"

# --- Parts ------------------------------------------------------------------------------------------------------


INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "firstbell.ledger",
    "firstbell.directory",
    "firstbell.decisions",
    "firstbell.devices",
    "firstbell.tickets",
    "firstbell.repairs",
    "firstbell.loans",
    "firstbell.accessories",
    "firstbell.rounds",
    "firstbell.parts",
    "firstbell.seasons",
    "firstbell.incidents",
    "firstbell.counts",
    "firstbell.courier",
    "firstbell.fees",
    "firstbell.notices",
    "firstbell.transfers",
    "firstbell.claims",
    "firstbell.vendors",
    "firstbell.flows",
    "firstbell.web",
    "firstbell.jobs",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "firstbell.web.middleware.SafetyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "firstbell.web.middleware.ActorMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "firstbell.web.shell.shell",
            ],
            "loaders": None,
        },
        "APP_DIRS": False,
    }
]
_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES[0]["OPTIONS"]["loaders"] = _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)]

# --- Database and cache -----------------------------------------------------------------------------------------

DATABASE_URL = env.secret(
    "DATABASE_URL", "postgresql://user:password@host:5432/name of a server (15 or later); empty: the embedded one."
)
POSTGRES_BIN = env.text(
    "FIRSTBELL_POSTGRES_BIN", "", "Folder of locally installed PostgreSQL programs to use for the embedded server."
)
CONNECTION_AGE = env.whole(
    "FIRSTBELL_CONNECTION_SECONDS", 600, "How long a database connection is kept open, in seconds."
)
EMBEDDED_SERVER = Server(DATA_DIR, Path(POSTGRES_BIN) if POSTGRES_BIN else None)


def _database(url: str) -> dict[str, Any]:
    """Django's form of a database address. Options after `?` go to libpq, such as sslmode."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise WrongVariableError(
            "DATABASE_URL must look like postgresql://user:password@host:5432/name. PostgreSQL is the one database."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _embedded(server: Server) -> dict[str, Any]:
    return {"ENGINE": "firstbell.database", "NAME": NAME, "USER": NAME, "HOST": str(server.sockets), "OPTIONS": {}}


PREPARE_AFTER = 3
"""A statement asked so often on one connection is planned once and for all (ADR 43)."""
DATABASES = {
    "default": (_database(DATABASE_URL) if DATABASE_URL else _embedded(EMBEDDED_SERVER))
    | {"CONN_MAX_AGE": CONNECTION_AGE, "CONN_HEALTH_CHECKS": True}
}
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": PREPARE_AFTER}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}  # nothing of ours: what counts is a table
}

# --- People -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "directory.User"
AUTHENTICATION_BACKENDS = ["firstbell.web.office.backend.PasswordBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- Languages and time -----------------------------------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"  # a site's own time zone is in its row
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
if MODE in {"development", "test"}:
    LANGUAGES.append(("ar", "العربية"))  # made up from English, to see that pages lay out right to left
LOCALE_PATHS = [PACKAGE / "locale"]

# --- Mail -------------------------------------------------------------------------------------------------------

SITE_URL = env.text(
    "FIRSTBELL_URL",
    f"https://{ALLOWED_HOSTS[0]}" if SAFE else "http://127.0.0.1:8000",
    "Where people reach this system: what links in mails begin with.",
).rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
EMAIL_HOST = env.text("FIRSTBELL_MAIL_HOST", "", "The mail server that takes notices; empty: no mail leaves.")
if EMAIL_HOST and (urlsplit(SITE_URL).scheme not in {"http", "https"} or not SITE_HOST.strip(".*")):
    raise WrongVariableError("Mails hold links: set FIRSTBELL_URL to your address, like https://help.district.example.")
EMAIL_PORT = env.whole("FIRSTBELL_MAIL_PORT", 587, "The port of the mail server.", least=1)
MAIL_SECURITY = env.choice(
    "FIRSTBELL_MAIL_SECURITY",
    ("starttls", "tls", "none"),
    "starttls",
    "How the connection to the mail server is kept private; none only inside one machine or room.",
)
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SECURITY == "starttls", MAIL_SECURITY == "tls"
EMAIL_HOST_USER = env.text("FIRSTBELL_MAIL_USER", "", "The name with which the mail server is used, if it asks.")
EMAIL_HOST_PASSWORD = env.secret("FIRSTBELL_MAIL_PASSWORD", "The password that goes with it.")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("FIRSTBELL_MAIL_FROM", f"Firstbell <firstbell@{SITE_HOST}>", "Who mails come from.")
EMAIL_FILE_PATH = DATA_DIR / "mail"
MAIL_TO_FILES = not SAFE and not EMAIL_HOST
"""Demo and development write mails into a folder, where one can look at them."""
EMAIL_BACKEND = f"django.core.mail.backends.{'filebased' if MAIL_TO_FILES else 'smtp'}.EmailBackend"
MAIL_ON = bool(EMAIL_HOST) or MAIL_TO_FILES

# --- Files ------------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = env.path("FIRSTBELL_STATIC_DIR", DATA_DIR / "static", "Where collected style sheets and scripts lie.")
MEDIA_ROOT = env.path("FIRSTBELL_MEDIA_DIR", DATA_DIR / "media", "Where uploads lie; never served directly.")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if SAFE
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not SAFE
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- Log: to stderr, without names, addresses or query strings ---------------------------------------------------

LOG_LEVEL = env.choice("FIRSTBELL_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "How much is logged.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "logging.Formatter" if DEBUG else "firstbell.logs.QuietFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.db.backends": {"level": "WARNING"},  # statements hold people's data
        "procrastinate": {"level": "WARNING"},  # the schedule would write a line a minute
    },
}
