"""The installation's figures as Prometheus reads them; whichever process is asked says the same."""

from collections.abc import Iterator
from math import inf

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from .running import Running

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class Installation(Collector):
    """Gauges made from rows when they are asked for; no name and no person is in any label."""

    def __init__(self, running: Running) -> None:
        self.running = running

    def collect(self) -> Iterator[GaugeMetricFamily]:
        running, outbox = self.running, self.running.outbox
        yield _labelled(
            "ready",
            "Whether a part works: 1, or 0",
            "check",
            {name: finding.word == "ok" for name, finding in running.findings.items()},
        )
        yield _labelled(
            "outbox_mails",
            "Mails by how they wait; given up: in the last seven days",
            "state",
            {name: getattr(outbox, name) for name in ("scheduled", "due", "tried", "given_up")},
        )
        yield _labelled(
            "outbox_failures",
            "Mails that are tried again or were given up in the last seven days, by what happened",
            "error",
            outbox.failures,
        )
        yield _gauge(
            "outbox_oldest_seconds",
            "For how long the oldest mail waits whose time has come",
            (running.at - outbox.oldest).total_seconds() if outbox.oldest else 0,
        )
        yield _gauge(
            "heartbeat_age_seconds",
            "Since when beat, broker, worker and database were not seen to work together",
            (running.at - running.seen_at).total_seconds() if running.seen_at else inf,
        )
        if running.messages is not None:
            yield _gauge("broker_messages", "Jobs that wait for a worker", running.messages)
        yield _gauge(
            "imports_under_way", "Rosters that a worker has yet to finish", running.imports
        )
        yield _gauge("log_events", "Events in the log, all chains together", running.events)
        yield _gauge("sessions", "Browsers in which somebody is signed in", running.sessions)


def exposition(running: Running) -> bytes:
    # A registry of its own: the default one holds figures of this one process and its interpreter
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Installation(running))
    return generate_latest(registry)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"oneonones_{name}", help_text, value=value)


def _labelled(name: str, help_text: str, label: str, values: dict) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"oneonones_{name}", help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
