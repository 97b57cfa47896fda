"""allauth's forms for passkeys: what no browser would send is refused in words, too."""

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

NOT_TAKEN = "This passkey was not accepted. Try again, or sign in another way."
LONGEST_NAME = 60


def _carefully(read):
    """Read a passkey's answer, whatever was sent in its place; it is refused in a sentence."""
    try:
        return read()
    except forms.ValidationError as error:
        if error.code != "incorrect_code":
            raise
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        pass  # the library reads what a browser sent as if nobody else could send anything
    raise forms.ValidationError(NOT_TAKEN, code="not_taken")


class AnswerField(forms.JSONField):
    """What a browser says for a passkey; nested too deep, or with a NUL in it, it is none."""

    def to_python(self, value):
        if isinstance(value, str) and "\\u0000" in value:
            raise forms.ValidationError(NOT_TAKEN, code="not_taken")
        try:
            return super().to_python(value)
        except RecursionError:
            raise forms.ValidationError(NOT_TAKEN, code="not_taken") from None

    def bound_data(self, data, initial):
        return None  # an answer is good for once: it is not put into the page again

    def prepare_value(self, value):
        return ""


def answer_field():
    messages = {"required": NOT_TAKEN, "invalid": NOT_TAKEN}
    return AnswerField(widget=forms.HiddenInput, error_messages=messages)


class _Careful(forms.Form):
    credential = answer_field()

    def clean_credential(self):
        return _carefully(super().clean_credential)


class AuthenticatePasskeyForm(_Careful, AuthenticateWebAuthnForm):
    """The second step by passkey."""


class LoginPasskeyForm(_Careful, LoginWebAuthnForm):
    """Signing in by passkey alone."""


class ReauthenticatePasskeyForm(_Careful, ReauthenticateWebAuthnForm):
    """Saying once more who one is."""


class AddPasskeyForm(AddWebAuthnForm):
    credential = answer_field()
    name = forms.CharField(
        label="A name for it",
        required=False,
        max_length=LONGEST_NAME,
        help_text="So that you know it again among others.",
    )

    def clean(self):
        return _carefully(super().clean)


class EditPasskeyForm(EditWebAuthnForm):
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
