"""allauth's forms with the tracker's behaviour: named messages, clean text, no placeholders.

Named in the setting ACCOUNT_FORMS.
"""

from typing import Any

from allauth.account import forms
from django.forms import Field

from accounts.forms import TrackerBehaviour


class SignInBehaviour(TrackerBehaviour):
    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def label_for(self, name: str, field: Field) -> str:
        label = super().label_for(name, field).capitalize()
        return "E-mail address" if label == "Email" else label


class LoginForm(SignInBehaviour, forms.LoginForm):
    """E-mail address and password."""


class ReauthenticateForm(SignInBehaviour, forms.ReauthenticateForm):
    """The password once more."""


class ChangePasswordForm(SignInBehaviour, forms.ChangePasswordForm):
    """The old password and the new one twice."""


class SetPasswordForm(SignInBehaviour, forms.SetPasswordForm):
    """A first password, twice."""


class ResetPasswordForm(SignInBehaviour, forms.ResetPasswordForm):
    """The address that the link goes to."""


class ResetPasswordKeyForm(SignInBehaviour, forms.ResetPasswordKeyForm):
    """The new password twice, after the link."""
