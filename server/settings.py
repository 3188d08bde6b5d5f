"""All settings come from the environment. Invalid values stop the process at start-up.

DATABASE_ROLE (owner, app, jobs or pump) is the process's role in PostgreSQL.
"""

import re
import zoneinfo
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE
from environs import Env, validate

from foundation.connection_urls import (
    SERVICES,
    NotUnderstood,
    check_smtp,
    check_valkey,
    smtp,
)
from server import logs
from server.database import RECONNECT_SECONDS, database, reserve

env = Env()
POSITIVE = validate.Range(0, min_inclusive=False)
BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False
# No defaults: a server without these does not start. Local and test runs set their own.
SECRET_KEY = env.str("SECRET_KEY")
SEALING_KEY = env.str("SEALING_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", ".localhost", "127.0.0.1"])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
# Multiplies the rate limits of signed-in users. For load tests, which use only a few devices.
TRAFFIC_FACTOR = env.float("TRAFFIC_FACTOR", 1.0, validate=POSITIVE)
# How many requests of one user a process may count ahead of time; 0 asks Valkey for each.
LIMITS_AHEAD = env.int("LIMITS_AHEAD", 7, validate=validate.Range(0, 100))
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
# The new URL of an installation that has moved. MAINTENANCE closes the server and is the number
# of seconds after which phones try again (0: open).
HOME_MOVED_TO = env.str("HOME_MOVED_TO", "", validate=validate.Regexp(r"$|https://|http://127\."))
MAINTENANCE = env.int("MAINTENANCE", 0, validate=validate.Range(0, 86_400))
# Whether the descriptions of the API are served: /api/docs, /api/schema, /api/asyncapi.
API_DOCS = env.bool("API_DOCS", False)
# Whether this installation serves the phone app: `on`, `off`, or `retired`, which removes the
# copies that browsers keep of it, but nothing that people have written.
WEB_APP = env.str("WEB_APP", "on", validate=validate.OneOf(("on", "off", "retired")))
# The live socket's address for browsers, if it is not beside the pages: wss://live.example/ws/v1/live
LIVE_URL = env.str("LIVE_URL", "", validate=validate.Regexp(r"$|wss://|ws://127\."))
# The staff console's address, on a host name of its own; empty: there is none. And that of its
# socket, if it is not beside the pages.
CONSOLE_URL = env.str(
    "CONSOLE_URL",
    "",
    validate=validate.Regexp(r"$|https://[^/]+$|http://[\w.-]*localhost(:\d+)?$"),
)
CONSOLE_LIVE_URL = env.str(
    "CONSOLE_LIVE_URL", f"{CONSOLE_URL.replace('http', 'ws', 1)}/ws/v1/desk" if CONSOLE_URL else ""
)
# The networks whose direct requests to /readyz are answered. Nobody else learns what is down.
READYZ_FROM = [ip_network(text) for text in env.list("READYZ_FROM", ["127.0.0.0/8", "::1/128"])]
# Requests that one web process answers at once, and how many more may wait for a thread.
WEB_THREADS = env.int("WEB_THREADS", 8, validate=POSITIVE)
WEB_QUEUE = env.int("WEB_QUEUE", 64, validate=validate.Range(0))
# The live socket: the origins whose pages may open one; times in seconds; limits per process.
LIVE_ORIGINS: list[str] = env.list("LIVE_ORIGINS", [PUBLIC_URL])
LIVE_HELLO = env.float("LIVE_HELLO", 5)
LIVE_HEARTBEAT = env.float("LIVE_HEARTBEAT", 25)
LIVE_LAST_WORDS = env.float("LIVE_LAST_WORDS", 5)
LIVE_CHECK = env.float("LIVE_CHECK", 4)
LIVE_RECYCLE = env.float("LIVE_RECYCLE", 3600)
LIVE_MAX_SOCKETS = env.int("LIVE_MAX_SOCKETS", 20_000)
# How many sockets may join at the same time. The rest are closed and retry after 0 to 30 seconds.
LIVE_ENTERING = env.int("LIVE_ENTERING", 100)
LIVE_DATABASE_POOL = env.int("LIVE_DATABASE_POOL", 4)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_linear_migrations",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "csp",
    "notifications",
    "recovery",
]
MIDDLEWARE = [
    "foundation.headers.ResponseHeaders",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "recovery.api.closed.Closed",
    # Static files are those of the phone app, the console and the API documentation.
    *(
        ["whitenoise.middleware.WhiteNoiseMiddleware"]
        if API_DOCS or WEB_APP != "off" or CONSOLE_URL
        else []
    ),
    "recovery.console.host.ConsoleHost",
    "django.middleware.common.CommonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "server.urls"
WSGI_APPLICATION = "server.wsgi.application"
ASGI_APPLICATION = "server.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

DATABASE_ROLE = env.str(
    "DATABASE_ROLE", "app", validate=validate.OneOf(("owner", "app", "jobs", "pump"))
)
# Which of `postgresql`, `valkey` and `smtp` may be reached on another machine without TLS, because
# nobody can listen on the way, as in a network of containers on one machine.
PLAINTEXT_ALLOWED: list[str] = env.list(
    "PLAINTEXT_ALLOWED", [], validate=validate.ContainsOnly(SERVICES)
)
DATABASES = {
    "default": database(env, DATABASE_ROLE, may_be_plain="postgresql" in PLAINTEXT_ALLOWED)
}
# Web's connections for signing in and for asking for help.
DATABASE_RESERVE = reserve(env, may_be_plain="postgresql" in PLAINTEXT_ALLOWED)
DATABASE_RECONNECT = RECONNECT_SECONDS
VALKEY_URL = env.str("VALKEY_URL")
EMAIL_URL = env.str("EMAIL_URL", "")
try:
    check_valkey(VALKEY_URL, may_be_plain="valkey" in PLAINTEXT_ALLOWED)
    if EMAIL_URL and "smtp" not in PLAINTEXT_ALLOWED:
        check_smtp(smtp(EMAIL_URL))
except NotUnderstood as error:
    raise SystemExit(str(error)) from None
# The timeout of requests to Valkey, for example to publish a hint to the live tier.
HINT_SECONDS = env.float("HINT_SECONDS", 0.25)
AUTH_USER_MODEL = "recovery.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["recovery.signin.passwords.Argon2"]

LOGGING = logs.configure()

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_TZ = True
# Every process follows the rules of tzdata, whose version is locked, and not those of its machine.
zoneinfo.reset_tzpath(())
TIME_ZONE = "UTC"
# Where encrypted pictures and recordings are stored. Any Django storage works instead of the
# folder, if web and worker share it.
BLOB_FOLDER = env.path("BLOB_FOLDER", BASE_DIR / ".local" / "blobs")
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "blobs": {
        "BACKEND": "recovery.blobs.storage.DurableStorage",
        "OPTIONS": {"location": str(BLOB_FOLDER)},
    },
}
STATIC_URL = "/static/"
# Paths below which responses may be cached, because they are the same for everyone.
CACHEABLE = [STATIC_URL]
# A page may load nothing and be shown in no frame, unless its view says more (`csp_replace`).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "no-referrer"
if PUBLIC_URL.startswith("https://"):
    # Browsers never try without TLS again for a year.
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
if TRUSTED_PROXIES:
    # The proxy ends TLS and replaces this header, whatever the client sent.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
# The files of the phone app and the console. Those of installed apps are for the API documentation
# only.
STATICFILES_DIRS = [
    BASE_DIR / "recovery" / "webapp" / "static",
    BASE_DIR / "recovery" / "console" / "static",
]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    *(["django.contrib.staticfiles.finders.AppDirectoriesFinder"] if API_DOCS else []),
]


def WHITENOISE_IMMUTABLE_FILE_TEST(path: str, url: str) -> bool:  # noqa: N802  (WhiteNoise's name)
    """Files that were built have a hash in their names, so they never change."""
    return re.search(r"/(webapp|console)/[\w-]+-[0-9A-Z]{8}\.\w+$", url) is not None


# The console's forms. Nothing else is authenticated by a cookie.
CSRF_COOKIE_NAME = "__Host-csrf"
CSRF_COOKIE_SECURE = CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "recovery.console.page.forged"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["recovery.signin.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["foundation.bodies.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "foundation.http.drf_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Handrail",
    "VERSION": "1",
    # JSON Schema as it is, so that tuples, unions and null can be said.
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": PUBLIC_URL}],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["recovery.api.schema.complete"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

FCM_CREDENTIALS = env.str("FCM_CREDENTIALS", "")
FCM_ENDPOINT = env.str("FCM_ENDPOINT", "https://fcm.googleapis.com")
# The key with which the pump signs pushes to browsers: 32 random bytes in base64url.
VAPID_KEY = env.str("VAPID_KEY", "")
# Pushes per second of one pump. All pumps of a Firebase project share a quota of 10,000.
FCM_RATE = env.float("FCM_RATE", 5000.0, validate=POSITIVE)
# Scales the random delay that spreads the pushes of large groups: 1 is all of it. 0 is none, for
# installations with a few phones.
PUSH_SPREAD = env.float("PUSH_SPREAD", 1.0, validate=validate.Range(0, 1))
MAIL_FOLDER = env.str("MAIL_FOLDER", "")
EMAIL_SENDER = env.str("EMAIL_SENDER", "no-reply@localhost")

# The sign-in ceremony (recovery.signin.ceremony): codes by e-mail, passkeys, TOTP. Accounts are
# created by invitation only. allauth's rate limits are off, because recovery.limits has its own.
SITE_NAME = "Handrail"
# Whose pages and apps may ask for a passkey, and the host name that passkeys are made for: that of
# the pages, or one above it.
PASSKEY_ORIGINS = env.list("PASSKEY_ORIGINS", [url for url in (PUBLIC_URL, CONSOLE_URL) if url])
PASSKEY_HOST = env.str("PASSKEY_HOST", urlsplit(PUBLIC_URL).hostname or "")
SESSION_ENGINE = "recovery.signin.ceremony.store"
SESSION_COOKIE_AGE = 15 * 60
CACHES = {"default": {"BACKEND": "recovery.signin.ceremony.once.OnceCache"}}
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
HEADLESS_SERVE_SPECIFICATION = False
HEADLESS_ADAPTER = "recovery.signin.ceremony.adapters.HeadlessAdapter"
HEADLESS_TOKEN_STRATEGY = "recovery.signin.ceremony.tokens.DeviceTokens"  # noqa: S105  # a path
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "recovery.signin.ceremony.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "recovery.signin.ceremony.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_RATE_LIMITS = False
# Turns off allauth's origin check. recovery.signin.ceremony.passkeys checks PASSKEY_ORIGINS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
