"""The project: settings, addresses, middleware, the clock's process and the demo school."""

from .celery import app as celery_app

__all__ = ["celery_app"]
