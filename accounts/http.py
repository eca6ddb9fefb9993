from django.http import HttpRequest

from accounts.models import User


class AuthenticatedRequest(HttpRequest):
    """A request behind the sign-in, for annotations: its user is one of ours."""

    user: User
