"""What administrators enter about how somebody else signs in."""

from django import forms

from ..actions import Proof


class TakeOffSecondStepForm(forms.Form):
    proof = forms.ChoiceField(
        label="How did you make sure who it is?",
        choices=Proof.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how. If none of these is so, it has to wait."},
    )
