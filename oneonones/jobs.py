"""What the clock asks of the project itself."""

from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from .health import HEARTBEAT

KEEP_MESSAGES = timedelta(hours=1)


@shared_task
def heartbeat() -> None:
    """Leave a sign that beat, broker, worker and database work together; sweep read messages."""
    now = timezone.now()
    cache.set(HEARTBEAT, now, timeout=None)
    if not settings.REDIS_URL:
        processed = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["processed_folder"]))
        for message in processed.glob("*.msg"):
            if now.timestamp() - message.stat().st_mtime > KEEP_MESSAGES.total_seconds():
                message.unlink(missing_ok=True)
