"""What the tests of this app share."""

import pytest


@pytest.fixture
def post(client, django_capture_on_commit_callbacks):
    """Post a form and let the worker do what it was asked for."""

    def send(address, **fields):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, fields)

    return send
