"""What the clock asks of the project itself."""

import logging
from datetime import timedelta
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from . import backup
from .health import HEARTBEAT

logger = logging.getLogger(__name__)

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


@shared_task
def back_up() -> None:
    """Make the hour's backup of SQLite; PostgreSQL's is the night's, and its own archive's."""
    if connection.vendor != "sqlite" or not backup.is_on():
        return
    try:
        backup.make(at=timezone.now())
    except backup.CannotBackUp as error:
        logger.error("No backup was made: %s", str(error))
