from allauth.account import views
from django.urls import path, re_path
from django.views.decorators.http import require_http_methods

# Django's form views take PUT for POST; a page of ours knows no other method than these.
known = require_http_methods(["GET", "HEAD", "POST"])

# Of allauth's pages only those that the product offers, under the names that allauth looks up.
urlpatterns = [
    path("login/", known(views.login), name="account_login"),
    path("logout/", known(views.logout), name="account_logout"),
    path("inactive/", known(views.account_inactive), name="account_inactive"),
    path("signup/", known(views.signup), name="account_signup"),
    path("reauthenticate/", known(views.reauthenticate), name="account_reauthenticate"),
    path("password/change/", known(views.password_change), name="account_change_password"),
    path("password/set/", known(views.password_set), name="account_set_password"),
    path("password/reset/", known(views.password_reset), name="account_reset_password"),
    path(
        "password/reset/done/", known(views.password_reset_done), name="account_reset_password_done"
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        known(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        known(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]
