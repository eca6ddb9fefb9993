"""Settings. Everything that differs between machines comes from the environment (see env.py)."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from qip import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

DEBUG = env.boolean("DEBUG")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", default=env.LOOPBACK_HOSTS)
# Reached from this machine alone: the embedded form, without TLS.
EMBEDDED = set(ALLOWED_HOSTS) <= {*env.LOOPBACK_HOSTS, "testserver"}
if DEBUG and not EMBEDDED:
    raise ImproperlyConfigured(
        "DEBUG is on while ALLOWED_HOSTS names a public host. Switch DEBUG off: its error pages "
        "show settings and data to anybody."
    )
SECRET_KEY = env.secret_key("SECRET_KEY", default=VAR_DIR / "secret-key", embedded=EMBEDDED)

INSTALLED_APPS = [
    "accounts",
    "workstreams",
    "milestones",
    "metrics",
    "governance",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "csp",
    "django_filters",
    "rules.apps.AutodiscoverRulesConfig",
]
MIDDLEWARE = [
    "accounts.middleware.RequestId",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.KeepTyped",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PrivatePages",
    "accounts.middleware.MethodPage",
    "accounts.middleware.BodyLimit",
    "workstreams.middleware.CurrentProgramme",
    "accounts.middleware.OfferTyped",
]
ROOT_URLCONF = "qip.urls"
WSGI_APPLICATION = "qip.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workstreams.context.page_frame",
            ],
            "builtins": ["accounts.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "nhsuk"

DATABASES = {"default": env.database("DATABASE_URL", default=VAR_DIR / "tracker.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counts failed sign-ins across processes. In the database, so that no page waits for Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
    }
}

# What the pages call to keep an update or a value. Named here, because change control, which then
# looks for exceptions, lies above the apps whose pages these are.
RECORD_MILESTONE_UPDATE = "governance.review.record_update"
RECORD_MEASUREMENT = "governance.review.record_measurement"
RECORD_MEASUREMENTS = "governance.review.record_measurements"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in [
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "full_name")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    ]
]
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.LoginForm",
    "reauthenticate": "accounts.sign_in_forms.ReauthenticateForm",
    "change_password": "accounts.sign_in_forms.ChangePasswordForm",
    "set_password": "accounts.sign_in_forms.SetPasswordForm",
    "reset_password": "accounts.sign_in_forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in_forms.ResetPasswordKeyForm",
}
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_ENGINE = "django.contrib.sessions.backends.db"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Packs and evidence. Never served from here: a view checks who asks.
MEDIA_ROOT = env.folder("MEDIA_ROOT", default=VAR_DIR / "media")

EMAIL = env.email("EMAIL_URL", default=VAR_DIR / "mail")
globals().update(EMAIL)
# Seconds for one answer of the mail server.
EMAIL_TIMEOUT = 10
# What links in e-mails begin with.
SITE_URL = env.address("SITE_URL", hosts=ALLOWED_HOSTS, embedded=EMBEDDED)
# A pack over this is not attached; the message has a link to it instead.
LARGEST_ATTACHMENT = 10 * 1024 * 1024
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"QIP tracker <qip-tracker@{ALLOWED_HOSTS[0]}>"

CELERY_BROKER_URL = env.broker("REDIS_URL") or "filesystem://"
CELERY_TIMEZONE = TIME_ZONE

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not EMBEDDED
if not EMBEDDED:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # The container's own health check asks over plain HTTP from inside.
    SECURE_REDIRECT_EXEMPT = [r"^health/"]

DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 5
# One file and the form round it. Of a larger body some is thrown away unread, so that the browser
# gets to our page about it; after that the connection ends.
LARGEST_UPLOAD = 10 * 1024 * 1024
LARGEST_BODY = LARGEST_UPLOAD + 1024 * 1024
DISCARDED_BODY = 64 * 1024 * 1024
# Asked about every upload, where one is named; nothing is kept while it does not answer.
VIRUS_SCANNER = env.scanner("VIRUS_SCANNER")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        }
    },
    "filters": {"request": {"()": "accounts.request_id.RequestIdOnLines"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
