"""Imports on their way, as tests need them."""

import os
import time

from conftest import NOW
from people import actions, importing, uploads

from .bundles import DISTRICT, zipped


def start(by, school, files=DISTRICT, at=NOW):
    key = uploads.keep(zipped(files))
    return actions.start_import(by=by, at=at, school=school, upload_key=key)


def fresh(run):
    run.refresh_from_db()
    return run


def silent(run, seconds=100):
    """As if its worker had not been heard of for a while."""
    path = uploads.where(run.upload_key).with_name(run.upload_key + uploads.PROGRESS)
    past = time.time() - seconds
    os.utime(path, (past, past))


def shown(by, school, **more):
    run = start(by, school, **more)
    importing.work_on(run, at=NOW)
    return fresh(run)


def yes(run, by, **more):
    return actions.confirm_import(run, by=by, at=NOW, digest=run.digest, **more)
