"""Sign-in secrets stay usable when the ring's keys change."""

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command

from audit import keyring
from conftest import NOW
from people import keeping
from people.adapters import MFAAdapter, factors_of
from people.emails import secret_of
from people.models import OutgoingMail
from people.sealed import key_of, open_text, seal_text
from people.tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring(settings, tmp_path):
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"
    keyring.create(settings.KEYRING_PATH, on=NOW.date())


def change(purpose):
    old = keyring.current_key_id(purpose)
    call_command("keys", "add", purpose, verbosity=0)
    call_command("keys", "rewrap", purpose, "--batch", "1", verbosity=0)
    call_command("keys", "retire", old, verbosity=0)
    return keyring.current_key_id(purpose)


def test_second_factors_are_under_the_new_key_and_still_open():
    user = UserFactory()
    seal = MFAAdapter().encrypt
    with factors_of(user):
        totp, seed = seal("totp-secret"), seal("seed")
    Authenticator.objects.create(user=user, type="totp", data={"secret": totp})
    Authenticator.objects.create(
        user=user, type="recovery_codes", data={"seed": seed, "used_mask": 5}
    )

    new = change("mfa")

    totp, codes = Authenticator.objects.order_by("pk")
    assert key_of(totp.data["secret"]) == key_of(codes.data["seed"]) == new
    with factors_of(user):
        assert MFAAdapter().decrypt(totp.data["secret"]) == "totp-secret"
        assert MFAAdapter().decrypt(codes.data["seed"]) == "seed"
    assert codes.data["used_mask"] == 5
    assert keeping.factors_under(new) == 2


def test_codes_in_unsent_mails_are_under_the_new_key_and_still_open():
    mail = OutgoingMail.objects.queue(
        key="signin_code:1", kind="signin_code", person=PersonFactory(), at=NOW
    )
    mail.sealed = seal_text("tokens", "123456", bound=secret_of(mail)).encode()
    mail.save()
    broken = OutgoingMail.objects.queue(
        key="signin_code:2", kind="signin_code", person=PersonFactory(), at=NOW
    )

    new = change("tokens")

    mail.refresh_from_db()
    line = bytes(mail.sealed).decode()
    assert key_of(line) == new
    assert open_text("tokens", line, bound=secret_of(mail)) == "123456"
    broken.refresh_from_db()
    assert broken.sealed is None
