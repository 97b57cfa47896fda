"""Every setting, read from the environment, safe by default; `.env.example` lists the variables."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

from oneonones import database, logs, sso

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(env("ENV_FILE", default=str(BASE_DIR / ".env")))

# What kind of installation this is
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY")
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
DEMO = env.bool("DEMO", default=False)  # one-click entry and readable mails, on loopback only
SITE_URL = env("SITE_URL", default="http://localhost:8000").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[SITE_HOST])
ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]  # health checks from the same machine
# Hosts in one's own network from which files may be fetched all the same: "host" or "host:port"
FETCH_ALLOWED_HOSTS = env.list("FETCH_ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "oneonones",
    "notes",
    "scheduling",
    "people",
    "audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "oneonones.middleware.reporting",
    "oneonones.middleware.no_store",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "oneonones.middleware.person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "oneonones.middleware.second_factor",
    "oneonones.middleware.pace",
]

ROOT_URLCONF = "oneonones.urls"
WSGI_APPLICATION = "oneonones.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oneonones.context_processors.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]

# The database: SQLite for one machine, PostgreSQL for any number of processes. On PostgreSQL three
# roles share one database: `app` serves, `owner` migrates, `keeper` runs the nightly command.
DATABASE_ROLE = env("DATABASE_ROLE", default="app")
DATABASE_URLS = {
    "app": env("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db' / 'school.sqlite3'}",
    "owner": env("DATABASE_OWNER_URL", default=""),
    "keeper": env("KEEPER_DATABASE_URL", default=""),
}
DATABASES = {"default": env.db_url_config(database.url_of(DATABASE_ROLE, DATABASE_URLS))}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # To compile the sweep for the overdue takes a second and a half, to run it a tenth of one
    wishes = ["-c jit=off"]
    if DATABASE_ROLE == "owner":
        # A migration that waits for a table lets everybody else wait behind it: rather try again
        wishes.append("-c lock_timeout=5s")
    DATABASES["default"].setdefault("OPTIONS", {})["options"] = " ".join(wishes)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits live in the database, so that the loss of Redis neither opens nor shuts a door
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rate_limits",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # Django culls above 300, and with it the limits
    }
}

# Google and Microsoft, where the school wants them: by these variables and nothing else
SINGLE_SIGN_ON = sso.apps_of(env)
SOCIALACCOUNT_ADAPTER = "people.sso.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # the adapter says who it is
SOCIALACCOUNT_REQUESTS_TIMEOUT = 8

# Sessions, cookies and headers
SESSION_ENGINE = "people.models.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 4  # unused for so long: signed out
SESSION_LONGEST = 60 * 60 * 12  # and after a school day in any case
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=HTTPS)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside
if env.bool("BEHIND_PROXY", default=False):  # only where the proxy always sets or strips the header
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSP_REPORT_PATH = "/csp-report"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [NONCE, "'strict-dynamic'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *sso.hosts_of(SINGLE_SIGN_ON)],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
        "report-uri": CSP_REPORT_PATH,
    }
}
if HTTPS:  # over http browsers have no such endpoints, and would then use neither
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["report-to"] = "csp"
PERMISSIONS_POLICY = {
    name: []
    for name in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
} | {"publickey-credentials-get": "self", "publickey-credentials-create": "self"}

# Signing in: by invitation only
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["people.adapters.SignInBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"] = {"min_length": 12}
AUTH_PASSWORD_VALIDATORS += [
    {"NAME": f"people.passwords.{name}"} for name in ("NotAboutOneself", "NotLeaked")
]
# A file of SHA-1 hashes, sorted, as Have I Been Pwned gives it out; without, none is known
LEAKED_PASSWORDS = env("LEAKED_PASSWORDS", default="")
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.adapters.AccountAdapter"
MFA_ADAPTER = "people.adapters.MFAAdapter"
ACCOUNT_FORMS = {"request_login_code": "people.forms.accounts.AskForCodeForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address comes from the roster, not from the person
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # asks our adapter, which mails nobody but takes as long
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # here; everywhere else one is
PASSWORD_RESET_TIMEOUT = 60 * 60
# Django's own: allauth's writes down addresses, which takes time that a stranger can measure
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_RATE_LIMITS = {
    "login": "600/m/ip",
    "login_failed": "120/m/ip,5/300s/key",
    "reset_password": "120/m/ip,3/h/key",
    "reset_password_from_key": "600/m/ip",
    "request_login_code": "600/m/ip,5/h/key",
}
CHANGES_PER_MINUTE = env.int("CHANGES_PER_MINUTE", default=120)  # by one person, on all pages
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address comes from the roster
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey is a finger, a face or a PIN, not a find
MFA_FORMS = {
    "add_webauthn": "people.forms.passkeys.AddPasskeyForm",
    "authenticate_webauthn": "people.forms.passkeys.AuthenticatePasskeyForm",
    "edit_webauthn": "people.forms.passkeys.EditPasskeyForm",
    "login_webauthn": "people.forms.passkeys.LoginPasskeyForm",
    "reauthenticate_webauthn": "people.forms.passkeys.ReauthenticatePasskeyForm",
}
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 0

# Secrets at rest: the ring lives outside the database (audit/keyring.py)
KEYRING_PATH = Path(env("KEYRING_PATH", default=str(VAR_DIR / "keys" / "ring.json")))

# Backups: made by themselves where both are set; the key lies apart from them and from the ring
BACKUP_FOLDER = env("BACKUP_FOLDER", default="")
BACKUP_KEY_FILE = env("BACKUP_KEY_FILE", default="")
BACKUP_HOURS = env.int("BACKUP_HOURS", default=48)  # of each hour the last is kept for so long
BACKUP_DAYS = env.int("BACKUP_DAYS", default=30)  # of each day the last, for so long

# Words and time
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English (US)")]
TIME_ZONE = "UTC"  # instants; a school's own zone is on its row and activated by middleware
USE_I18N = True
USE_TZ = True

# Files
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# What Prometheus has to say to read /metrics, which is not there without
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# Rosters that another system lays down: OneRoster as a zip or as files, taken by the clock
ONEROSTER_FOLDER = env("ONEROSTER_FOLDER", default="")

# Mail
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="One-on-Ones <one-on-ones@localhost>")
EMAIL_TIMEOUT = 20
if env("EMAIL_URL", default=""):
    vars().update(env.email("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# The worker and the clock. A message only wakes the worker; the rows in the database are the truth.
REDIS_URL = env("REDIS_URL", default="")
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
if not REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "mq" / "messages"),
        "data_folder_out": str(VAR_DIR / "mq" / "messages"),
        "control_folder": str(VAR_DIR / "mq" / "control"),
        # On the same disk, so that taking a message is one rename; `jobs.heartbeat` empties it
        "processed_folder": str(VAR_DIR / "mq" / "processed"),
        "store_processed": True,
        "polling_interval": 0.2,
    }
else:
    # For pages, which must not wait; a worker that loses its broker waits and tries again by itself
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "socket_connect_timeout": 1,
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
CELERY_TASK_PUBLISH_RETRY = False  # no page waits for a broker; the outbox is swept anyway
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits as long as it takes
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "mq" / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "oneonones.jobs.heartbeat", "schedule": 20, "options": {"expires": 20}},
    "sweep_outbox": {
        "task": "people.jobs.sweep_outbox",
        "schedule": 15,
        "options": {"expires": 15},
    },
    "end_those_who_left": {
        "task": "people.jobs.end_those_who_left",
        "schedule": crontab(minute="2"),  # before `sweep_overdue` gives back their places
        "options": {"expires": 3000},
    },
    "warn_of_tries": {
        "task": "people.jobs.warn_of_tries",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "move_logins": {
        "task": "people.jobs.move_logins",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "sweep_imports": {
        "task": "people.jobs.sweep_imports",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "take_from_folder": {
        "task": "people.jobs.take_from_folder",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "queue_reminders": {
        "task": "scheduling.jobs.queue_reminders",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "look_at_calendars": {  # each school's after its own night
        "task": "scheduling.jobs.look_at_calendars",
        "schedule": crontab(minute="17"),
        "options": {"expires": 3000},
    },
    "sweep_overdue": {
        "task": "scheduling.jobs.sweep_overdue",
        "schedule": crontab(minute="5,35"),  # Monday's digests are due at 7:30
        "options": {"expires": 1500},
    },
    "purge_notes": {"task": "notes.jobs.purge_notes", "schedule": crontab(hour="1", minute="50")},
    "mail_anchors": {"task": "notes.jobs.mail_anchors", "schedule": crontab(minute="11")},
    "back_up": {
        "task": "oneonones.jobs.back_up",
        "schedule": crontab(minute="20"),
        "options": {"expires": 3000},
    },
}

# Logs: one JSON object a line (LOG_FORMAT=text for people), never what a person wrote; with LOG_TO
# also to another machine
LOGGING = logs.configuration(env("LOG_FORMAT", default="json"), to=env("LOG_TO", default=""))

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
