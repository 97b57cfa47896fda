"""That a real worker, on the real broker, does what it is asked."""

import signal
import time

from django.core.cache import cache

from oneonones import health, jobs

PATIENCE = 30  # seconds, for a machine with much else to do


def waited_for(happens):
    until = time.monotonic() + PATIENCE
    while not happens() and time.monotonic() < until:
        time.sleep(0.05)
    return happens()


def test_worker_does_its_work(real_worker):
    jobs.heartbeat.delay()

    assert waited_for(lambda: cache.get(health.HEARTBEAT))


def test_worker_ends_when_asked(real_worker):
    jobs.heartbeat.delay()
    assert waited_for(lambda: cache.get(health.HEARTBEAT))

    real_worker.send_signal(signal.SIGTERM)

    assert real_worker.wait(PATIENCE) == 0
