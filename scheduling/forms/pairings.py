"""What a host may say of their talks with somebody as a whole."""

from django import forms

from people.models import Pairing


class TopicsForm(forms.Form):
    """Who brings the topics."""

    ownership = forms.ChoiceField(choices=Pairing.Ownership.choices)
