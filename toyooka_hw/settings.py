"""The only settings file. Every value comes from the environment, or from the file that ``<NAME>_FILE`` names.

What a demo or a test needs no environment for has a default.
"""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from toyooka_hw.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- the process -------------------------------------------------------------------------------------------------------
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "testserver"] if DEMO else [])
PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CLOCK_SOURCE = env.str("CLOCK_SOURCE", default="")
DEMO_DATA_DIR = env.str("DEMO_DATA_DIR", default="")
# what has a default only so that a demo or a dry run starts; toyooka_hw.checks refuses a production without them
_ADDRESSES = ("PORTAL_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "DEFAULT_FROM_EMAIL")
UNSET = [name for name in _ADDRESSES if not env.ENVIRON.get(name)]

# --- the office --------------------------------------------------------------------------------------------------------
OFFICE_NAME = env.str("OFFICE_NAME", default="豊岡公共職業安定所")
OFFICE_SHORT_NAME = env.str("OFFICE_SHORT_NAME", default="ハローワーク豊岡")
OFFICE_PHONE = env.str("OFFICE_PHONE", default="")
OFFICE_HOURS = env.str("OFFICE_HOURS", default="8:30～17:15")
BUREAU_URL = env.str("BUREAU_URL", default="https://jsite.mhlw.go.jp/hyogo-roudoukyoku/")
ZOOM_TERMS_URL = env.str("ZOOM_TERMS_URL", default="https://www.zoom.com/ja/trust/terms")
ZOOM_TEST_URL = env.str("ZOOM_TEST_URL", default="https://zoom.us/test")

# --- applications ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "toyooka_hw.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "csp",
    "django_htmx",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "toyooka_hw.apps.SiteConfig",
    "toyooka_hw.accounts",
    "toyooka_hw.audit",
    "toyooka_hw.mail",
    "consent",
    "booking",
    *(["toyooka_hw.demo"] if DEMO else []),
]
MIDDLEWARE = [
    "toyooka_hw.proxy.from_proxy_only",
    "toyooka_hw.middleware.observed",
    # whoever answers, a redirect, a file or a refusal among them: it carries the headers
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "toyooka_hw.middleware.our_methods",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "toyooka_hw.accounts.middleware.staff_networks",
    "toyooka_hw.accounts.middleware.limited_presses",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "toyooka_hw.accounts.middleware.staff_session",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "toyooka_hw.audit.door.pages",
    "toyooka_hw.accounts.middleware.signed_in_person",
    "booking.middleware.ReadOnlyGet",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "toyooka_hw.urls"
WSGI_APPLICATION = "toyooka_hw.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

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
                "toyooka_hw.context.office",
                "toyooka_hw.accounts.context.sign_in",
                "consent.context.terms_changes",
                *(["toyooka_hw.demo.context.demo"] if DEMO else []),
            ],
        },
    }
]

# --- data --------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default="postgres://portal@127.0.0.1:1/unset")}
DATABASES["default"] |= {
    # Each thread keeps its connection, and tries it before each use: no pool (decision 35).
    "CONN_MAX_AGE": 600,
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),  # what stands behind the address, sslmode for one
        "connect_timeout": 10,
        # a lock that is waited for longer than this is a fault, not patience
        "options": "-c lock_timeout=8s -c idle_in_transaction_session_timeout=60s",
    },
}
REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:1/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},  # nobody waits for a counter
    },
    # What the slot page drew, in each process (decision 45). Some 20 KB each; their keys hold all that they say.
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100}},
}

# --- background work ---------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "max_retries": 0,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- mail --------------------------------------------------------------------------------------------------------------
# Everything, Django's own mail included, is written to the outbox; SMTP_* is where the outbox delivers it.
EMAIL_BACKEND = "toyooka_hw.mail.backend.OutboxBackend"
SMTP = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1")
EMAIL_CA_BUNDLE = env.str("EMAIL_CA_BUNDLE", default="")  # certificates that vouch for the mail server; none: the well-known ones
SMTP_TIMEOUT = 10  # seconds, for each of about a dozen waits, from connecting to the last answer
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="ハローワーク豊岡 <no-reply@portal.example.jp>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Zoom --------------------------------------------------------------------------------------------------------------
ZOOM_ACCOUNT_ID = env.str("ZOOM_ACCOUNT_ID", default="")
ZOOM_CLIENT_ID = env.str("ZOOM_CLIENT_ID", default="")
ZOOM_CLIENT_SECRET = env.str("ZOOM_CLIENT_SECRET", default="")
ZOOM_WEBHOOK_SECRET = env.str("ZOOM_WEBHOOK_SECRET", default="")  # without one every message is refused
ZOOM_API_URL = env.str("ZOOM_API_URL", default="https://api.zoom.us/v2")
ZOOM_TOKEN_URL = env.str("ZOOM_TOKEN_URL", default="https://zoom.us/oauth/token")
ZOOM_PLAN = env.str("ZOOM_PLAN", default="free", choices=("free", "pro", "business"))  # how many calls a second the account may make
ZOOM_WEB_URLS = env.list("ZOOM_WEB_URLS", default=["https://zoom.us", "https://*.zoom.us"])

# --- language and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("日本語"))]
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

# --- static files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
WHITENOISE_USE_FINDERS = DEMO or DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- security ----------------------------------------------------------------------------------------------------------
SECURE_TLS = env.bool("SECURE_TLS", default=not (DEMO or DEBUG))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE_TLS
SECURE_SSL_HOST = urlsplit(PORTAL_URL).netloc or None  # never the one that a request names
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_TLS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE_TLS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes inside the network know no certificate, and are told nothing that matters
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])  # addresses and networks; from elsewhere X-Forwarded-* counts for nothing
PRESSES_PER_ADDRESS = env.int("PRESSES_PER_ADDRESS", default=0 if DEMO else 600)  # in ten minutes; 0: no limit
# behind TLS the browser itself refuses these cookies from anywhere but this very host
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE_TLS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE_TLS else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # messages name people; a cookie would carry the names along
# Other sites learn nothing. Not "no-referrer": under it browsers send our own forms with "Origin: null", and the CSRF check refuses them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-src": [SELF] if DEMO else [NONE],
        "frame-ancestors": [NONE],
        # the join button posts here and is redirected to Zoom: browsers hold the redirect against form-action too
        "form-action": [SELF, *ZOOM_WEB_URLS],
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- the staff's entrance ------------------------------------------------------------------------------------------------
OTP_TOTP_ISSUER = OFFICE_SHORT_NAME
STAFF_IDLE = timedelta(minutes=env.int("STAFF_IDLE_MINUTES", default=30))
STAFF_SESSION = timedelta(hours=env.int("STAFF_SESSION_HOURS", default=10))
STAFF_NETWORKS = env.list("STAFF_NETWORKS", default=[])  # whence the staff's pages may be opened at all; none named: from everywhere
STAFF_LOCK_LONGEST = timedelta(minutes=1 if DEMO else 60)  # nobody who tries the demo gets stuck
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_HANDLER = "toyooka_hw.accounts.lockout.GrowingLock"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # one account at one address; never the address all colleagues share
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(hours=24)  # how long failures are remembered; GrowingLock says how long to wait
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "toyooka_hw.accounts.session.client_of"
AXES_LOCKOUT_CALLABLE = "toyooka_hw.accounts.lockout.locked_page"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "otp_token", "csrfmiddlewaretoken"]
AXES_VERBOSE = AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # who came in stands in the audit

# --- monitoring ----------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # without one /metrics is not there

# --- logs (no personal data: numbers and names of things, never of people) ----------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "toyooka_hw.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # whatever level somebody asks for: Zoom's addresses carry the meeting's id, and statements carry everything (C6-2-3a)
        "urllib3": {"level": "ERROR"},
        "django.db.backends": {"level": "INFO"},
    },
}
