"""The product's settings, plus the floors and the counting that measuring needs."""

from django.middleware import csrf

from oneonones.settings import *  # noqa: F403, TID251
from oneonones.settings import (  # noqa: TID251
    BASE_DIR,
    CELERY_BEAT_SCHEDULE,
    LOGGING,
    MIDDLEWARE,
    TEMPLATES,
    VAR_DIR,
    env,
)

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.counting.count", *MIDDLEWARE]
TEMPLATES[0]["DIRS"].append(BASE_DIR / "benchmarks" / "templates")
LOGGING["root"]["level"] = "ERROR"
if env.bool("STEADY_TOKENS", default=False):
    # A scanner takes a form with another token for another form, and finds new ones without end
    csrf._mask_cipher_secret = lambda secret: csrf.CSRF_ALLOWED_CHARS[0] * len(secret) + secret
CELERY_TASK_DEFAULT_QUEUE = VAR_DIR.name  # others may use the same Redis
CELERY_BEAT_SCHEDULE["sweep_outbox"]["schedule"] = env.float("SWEEP_EVERY", default=15.0)
