"""What the suite changes: what would make tests slow, or reach beyond this machine."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# A home of its own for every run: no developer's `.env`, database, key ring or broker is touched
_home = Path(tempfile.mkdtemp(prefix="one-on-ones-test-"))
atexit.register(shutil.rmtree, _home, ignore_errors=True)
for _name in (
    "ALLOWED_HOSTS",
    "BACKUP_FOLDER",
    "BACKUP_KEY_FILE",
    "BEHIND_PROXY",
    "DATABASE_OWNER_URL",
    "DATABASE_ROLE",
    "DEBUG",
    "DEMO",
    "EMAIL_URL",
    "GOOGLE_CLIENT_ID",
    "KEEPER_DATABASE_URL",
    "KEYRING_PATH",
    "LEAKED_PASSWORDS",
    "LOG_TO",
    "MICROSOFT_CLIENT_ID",
    "SITE_URL",
    "STATIC_ROOT",
):
    os.environ.pop(_name, None)
os.environ |= {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": "only-for-tests-" + "x" * 50,
    "VAR_DIR": str(_home),
    "DATABASE_URL": os.environ.get("TEST_DATABASE_URL", ""),
    "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
    "LOG_FORMAT": "text",
}

from .settings import *  # noqa: E402, F403
from .settings import DATABASES, STORAGES  # noqa: E402

for _folder in ("db", "mail", "mq/messages", "mq/control", "mq/processed", "static"):
    (_home / _folder).mkdir(parents=True, exist_ok=True)
(_home / "keys").mkdir(mode=0o700)

# A file, not memory: threads and processes of a test each have a connection of their own
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(_home / "db" / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {  # hashed names answer 404 in a live server
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_DEFAULT_QUEUE = _home.name  # runs beside this one may share its Redis
CHANGES_PER_MINUTE = 1_000_000  # clocks stand still
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
