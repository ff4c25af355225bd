"""Django's settings, derived from config.env. Nothing here reads the environment itself."""

from __future__ import annotations

import dj_database_url

from config import env

ENV = env.read()

BASE_DIR = env.ROOT
DEBUG = False
SECRET_KEY = ENV.secret_key
FIELD_ENCRYPTION_KEY = list(ENV.encryption_keys)
ALLOWED_HOSTS = list(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(ENV.trusted_origins)
# HSTS for all subdomains, and in the browsers' own lists, binds more than Parley: the owner of the domain decides it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "credentials",
    "integrations",
    "bots",
]

MIDDLEWARE = [
    "config.visitors.BelievedScheme",
    "config.middleware.forms_are_utf8",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # forms carry a fresh token each time, so that length tells nothing
    "config.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.ratelimits.RateLimits",
    "config.errors.DamagedRows",
    "config.middleware.page_for_a_wrong_method",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"ui": "config.ui"},
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "credentials.context.frame",
            ],
        },
    },
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

DATABASES = {"default": dj_database_url.parse(ENV.database_url, conn_max_age=60)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL lets readers and one writer work side by side; IMMEDIATE avoids upgrade deadlocks between two writers.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "bots"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = ENV.data_dir / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

# With this prefix a browser takes the cookies over TLS and from this very host only: no neighbour can plant one.
COOKIES = "__Host-" if ENV.production else ""
SESSION_COOKIE_NAME = f"{COOKIES}sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = ENV.production
CSRF_COOKIE_NAME = f"{COOKIES}csrftoken"
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = ENV.production
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = ENV.production
SECURE_HSTS_SECONDS = 31_536_000 if ENV.production else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.production else None
X_FRAME_OPTIONS = "DENY"
FILE_UPLOAD_HANDLERS = [
    "credentials.uploads.KeyFilesInMemory",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024

TRUSTED_PROXIES = ENV.trusted_proxies
RATES = ENV.rates
LOGINS_PER_NAME = ENV.logins_per_name
IMPORT_WORKER_FROM = ENV.import_worker_from
LOGINS_PER_ADDRESS = ENV.logins_per_address
REDIS_URL = ENV.redis_url
REDIS_SHARDS = ENV.redis_shards
HISTORY_DAYS = ENV.history_days
HISTORY_REVISIONS = ENV.history_revisions
SANDBOX_CHILDREN = ENV.sandbox_children
SANDBOX_STRICT = ENV.sandbox_strict
EGRESS_ALLOW_LOOPBACK = ENV.egress_allow_loopback
PRODUCTION = ENV.production

# Celery. Messages are mere wake-ups or ids, so results are ignored and nothing but JSON is accepted.
CELERY_BROKER_URL = f"redis+socket://{ENV.redis_url[7:]}" if ENV.redis_url.startswith("unix://") else ENV.redis_url
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
    "global_keyprefix": "parley:celery:",
}
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = 2

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"secrets": {"()": "credentials.masking.SecretFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": ENV.log_level.upper()},
    "loggers": {
        # These libraries write headers, tokens and full URLs at DEBUG; nothing may lower them.
        name: {"level": "WARNING"}
        for name in ("urllib3", "requests", "requests_oauthlib", "oauthlib", "httpx", "kombu", "amqp")
    },
}
