"""Django's settings, made from `config`. Nothing here touches the disk or the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from fatto.portal import config, postgres

CONFIG = config.load()

# -- where things are ------------------------------------------------------------------------------

DATA = CONFIG.data
URL = CONFIG.url or f"http://localhost:{CONFIG.port}"
SECURE = URL.startswith("https:")
SECRET_KEY = config.secret_key(CONFIG)
DEBUG = CONFIG.debug
ALLOWED_HOSTS = list(CONFIG.hosts or ())
if not ALLOWED_HOSTS:
    ALLOWED_HOSTS = [str(urlsplit(URL).hostname), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [URL]
ROOT_URLCONF = "fatto.portal.urls"
WSGI_APPLICATION = "fatto.portal.wsgi.application"

# -- parts -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "fatto.portal.tenancy",
    "fatto.portal.documents",
    "fatto.portal.approvals",
    "fatto.portal.archive",
    "fatto.portal.conversation",
    "fatto.portal.exchange",
    "fatto.portal.flow",
    "fatto.portal.programs",
    "fatto.portal.notifications",
    "fatto.portal.web",  # before allauth, whose pages it replaces
    "fatto.portal.demo",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "lucide",
    "csp",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "fatto.portal.observe.Observe",
    "fatto.portal.api.problems.Problems",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "fatto.portal.tenancy.middleware.LanguageMiddleware",
    "fatto.portal.web.clock.Clock",
    "fatto.portal.web.devices.Devices",
    "fatto.portal.web.sizes.Sizes",  # before anything reads what was sent
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "fatto.portal.web.devices.LastSeen",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# -- data ------------------------------------------------------------------------------------------

_SERVER = CONFIG.database or postgres.Server(folder=DATA).parameters()
_LIBPQ = {key: value for key, value in _SERVER.items() if key not in ("host", "port", "user", "password", "dbname")}

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(_SERVER.get("host", "")),
        "PORT": str(_SERVER.get("port", "")),
        "USER": str(_SERVER.get("user", "")),
        "PASSWORD": str(_SERVER.get("password", "")),
        "NAME": str(_SERVER["dbname"]),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_LIBPQ,
            # What a page may take; workers and migrations have their own (commands.py).
            "options": "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=2min",
            "application_name": "fatto",
            "connect_timeout": 10,
        },
    }
}
ATOMIC_REQUESTS = False  # a scope opens the transaction
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_FILES: dict[str, Any] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {"location": str(DATA / "files"), "file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
}
if CONFIG.files:
    _FILES = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": CONFIG.files.name,
            "location": CONFIG.files.prefix,
            "endpoint_url": CONFIG.files.endpoint,
            "region_name": CONFIG.files.region,
            "access_key": CONFIG.s3_key,
            "secret_key": CONFIG.s3_secret,
            "default_acl": None,
            "file_overwrite": False,
            "querystring_auth": True,
            "signature_version": "s3v4",
        },
    }
_EXPORTS = _FILES | {
    "OPTIONS": _FILES["OPTIONS"]
    | ({"location": f"{CONFIG.files.prefix}exports"} if CONFIG.files else {"location": str(DATA / "exports")})
}
STORAGES = {
    "default": _FILES,
    "exports": _EXPORTS,  # made to be taken along, removed after some days: no part of what a backup keeps
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

# Whole archives are dropped on the portal: thousands of files, which go to the disk as they arrive.
FILE_UPLOAD_TEMP_DIR = str(DATA / "tmp")
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 10_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # all fields that are not files

# -- background work -------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# -- people ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tenancy.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "fatto.portal.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = str
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = None  # the person decides
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
    "confirm_email": "1/3m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG.proxies
USERSESSIONS_TRACK_ACTIVITY = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Fatto"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses come with an invitation, not from a stranger
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # passkeys on http://localhost

# Counting attempts must be common to all processes: the cache is a table of the database.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

# -- languages -------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("it", _("Italian")), ("ro", _("Romanian"))]
LOCALE_PATHS = [str(Path(__file__).parent / "locale")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = SECURE

# -- e-mail ----------------------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.email_from
if CONFIG.email.kind == "smtp":
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = CONFIG.email.host, CONFIG.email.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = CONFIG.email.user, CONFIG.email.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = CONFIG.email.encryption == "tls", CONFIG.email.encryption == "ssl"
    EMAIL_TIMEOUT = 20
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA / "mail")

# -- safety of pages -------------------------------------------------------------------------------

SESSION_COOKIE_NAME = "fatto"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_NAME = "fatto-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if CONFIG.proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# A view that is shown in a frame of ours (the PDF) says so with `csp_update({"frame-ancestors": SELF})`.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# -- logs ------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "fatto.portal.logs.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": CONFIG.log.upper()},
    "loggers": {
        "django": {"handlers": [], "level": CONFIG.log.upper(), "propagate": True},
        # These repeat what our own line says of a request, with its path.
        "django.request": {"level": "CRITICAL", "propagate": True},
        "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
        "django.db.backends": {"level": "WARNING", "propagate": True},
        "procrastinate": {"level": "WARNING" if CONFIG.log == "info" else CONFIG.log.upper(), "propagate": True},
        "botocore": {"level": "WARNING", "propagate": True},
        "fontTools": {"level": "WARNING", "propagate": True},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # addresses are unique without regard to case, by a constraint on lower(email)
    "security.W005",  # HSTS for sub-domains is the administrator's decision
    "security.W021",  # so is the preload list
    "security.W008",  # the redirect to https is the proxy's
]
