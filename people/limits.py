"""How long whoever tried too often has to wait: django-allauth counts, and does not say."""

import math
import time

from allauth.core.internal import ratelimit
from django.core.cache import cache

APP = "allauth.account"
A_MINUTE = 60  # what the rates per address look back on


def seconds(request, action, *, key=None):
    """Until an action of allauth's may be done again: by its rate per key, or else in a minute."""
    now = time.time()
    waits = [A_MINUTE]
    for rate in ratelimit.get_rates(app=APP, action=action):
        if rate.per == "key" and key is not None:
            name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
            times = cache.get(name, [])  # the newest first
            if len(times) >= rate.amount:
                waits.append(times[rate.amount - 1] + rate.duration - now)
    return math.ceil(max(waits))


def in_words(seconds):
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"
