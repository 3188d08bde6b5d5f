"""Every setting comes from the environment; nonsense is refused at start-up.

A process picks its database role with DATABASE_ROLE (owner, app, jobs or pump).
"""

from pathlib import Path

from environs import Env

from server import logs
from server.database import RECONNECT_SECONDS, database

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False
# Local and test runs set their own; a server that has none does not start.
SECRET_KEY = env.str("SECRET_KEY")
SEALING_KEY = env.str("SEALING_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1"])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)
# Multiplies the limits of people who are signed in; for tests of load, which come from few devices.
TRAFFIC_FACTOR = env.float("TRAFFIC_FACTOR", 1.0, validate=lambda factor: factor > 0)
# How many tries of one person this process may have counted ahead; 0: each is asked for.
LIMITS_AHEAD = env.int("LIMITS_AHEAD", 7, validate=lambda count: 0 <= count <= 100)
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
# Where this installation lives now, once it has moved; and, while it is closed for maintenance,
# after how many seconds phones ask again (0: it is open).
HOME_MOVED_TO = env.str(
    "HOME_MOVED_TO", "", validate=lambda url: not url or url.startswith(("https://", "http://127."))
)
MAINTENANCE = env.int("MAINTENANCE", 0, validate=lambda seconds: 0 <= seconds <= 86_400)
# The live socket: which sites' pages may open one, seconds, and numbers for each process.
LIVE_ORIGINS: list[str] = env.list("LIVE_ORIGINS", [])
LIVE_HELLO = env.float("LIVE_HELLO", 5)
LIVE_HEARTBEAT = env.float("LIVE_HEARTBEAT", 25)
LIVE_LAST_WORDS = env.float("LIVE_LAST_WORDS", 5)
LIVE_CHECK = env.float("LIVE_CHECK", 4)
LIVE_RECYCLE = env.float("LIVE_RECYCLE", 3600)
LIVE_MAX_SOCKETS = env.int("LIVE_MAX_SOCKETS", 20_000)
# So many are let in at the same time; a crowd beyond them is sent away for 0 to 30 seconds.
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
    "notifications",
    "recovery",
]
MIDDLEWARE = [
    "recovery.api.closed.Closed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
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
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

DATABASE_ROLE = env.str(
    "DATABASE_ROLE", "app", validate=lambda r: r in ("owner", "app", "jobs", "pump")
)
DATABASES = {"default": database(env, DATABASE_ROLE)}
DATABASE_RECONNECT = RECONNECT_SECONDS
VALKEY_URL = env.str("VALKEY_URL")
# No request waits longer than this for its hint to the live tier to be taken.
HINT_SECONDS = env.float("HINT_SECONDS", 0.25)
AUTH_USER_MODEL = "recovery.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["recovery.signin.passwords.Argon2"]

LOGGING = logs.configure()

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
USE_TZ = True
TIME_ZONE = "UTC"
# Pictures and recordings, sealed. Any storage of Django's will do in place of the directory, as
# long as web and worker share it.
BLOB_FOLDER = env.path("BLOB_FOLDER", BASE_DIR / ".local" / "blobs")
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "blobs": {
        "BACKEND": "recovery.blobs.storage.DurableStorage",
        "OPTIONS": {"location": str(BLOB_FOLDER)},
    },
}
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

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
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "recovery.api.blob_schema.complete",
        "recovery.api.schema.complete",
    ],
    # Several kinds of `role`: each is named, or the document would number them.
    "ENUM_NAME_OVERRIDES": {
        "GroupRoleEnum": "recovery.conversations.models.ROLES",
        "StaffRoleEnum": "recovery.people.roles.STAFF_ROLES",
    },
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
}

FCM_CREDENTIALS = env.str("FCM_CREDENTIALS", "")
FCM_ENDPOINT = env.str("FCM_ENDPOINT", "https://fcm.googleapis.com")
# Pushes a second from one pump; all pumps of a Firebase project share 10,000.
FCM_RATE = env.float("FCM_RATE", 5000.0, validate=lambda rate: rate > 0)
# How much of the delay that spreads a crowd's pushes is used: all of it, down to none (0) where
# there are a few phones only.
PUSH_SPREAD = env.float("PUSH_SPREAD", 1.0, validate=lambda share: 0 <= share <= 1)
EMAIL_URL = env.str("EMAIL_URL", "")
MAIL_FOLDER = env.str("MAIL_FOLDER", "")
EMAIL_SENDER = env.str("EMAIL_SENDER", "no-reply@localhost")

# The sign-in ceremony (recovery.signin.ceremony): codes by e-mail, passkeys, TOTP. Accounts come
# by invitation only, and what allauth would limit is limited by recovery.limits.
SITE_NAME = "Handrail"
PASSKEY_ORIGINS = env.list("PASSKEY_ORIGINS", [PUBLIC_URL])
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
# Apps have origins of their own: recovery.signin.ceremony.passkeys checks them.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
