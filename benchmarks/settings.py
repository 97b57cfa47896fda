"""The product's settings, plus the floors and the counting that measuring needs."""

from oneonones.settings import *  # noqa: F403, TID251
from oneonones.settings import BASE_DIR, LOGGING, MIDDLEWARE, TEMPLATES, VAR_DIR  # noqa: TID251

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.counting.count", *MIDDLEWARE]
TEMPLATES[0]["DIRS"].append(BASE_DIR / "benchmarks" / "templates")
LOGGING["root"]["level"] = "ERROR"
CELERY_TASK_DEFAULT_QUEUE = VAR_DIR.name  # others may use the same Redis
