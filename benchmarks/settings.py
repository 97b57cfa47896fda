"""The product's settings, plus the empty page and the counting that measuring needs."""

from oneonones.settings import *  # noqa: F403, TID251
from oneonones.settings import LOGGING, MIDDLEWARE  # noqa: TID251

ROOT_URLCONF = "benchmarks.urls"
MIDDLEWARE = ["benchmarks.counting.count", *MIDDLEWARE]
LOGGING["root"]["level"] = "ERROR"
