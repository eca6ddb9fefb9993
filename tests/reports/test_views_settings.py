from datetime import date

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, User
from reports.models import Recipient
from tests.factories.accounts import UserFactory
from tests.factories.reports import AudienceFactory, RecipientFactory
from tests.factories.workstreams import ProgrammeFactory
from tests.journal import changes_of
from workstreams.administration import figures_version
from workstreams.models import Membership, Role

pytestmark = pytest.mark.django_db
FIGURES = {
    "tolerance_days": "28",
    "met_threshold": "95",
    "near_threshold": "85",
    "elt_quorum": "3",
    "report_working_days": "5",
    "updates_due_working_day": "3",
    "pmo_check_working_day": "5",
    "meetings_working_day": "7",
    "qig_working_day": "9",
    "elt_working_day": "11",
    "issue_working_day": "12",
    "demonstration_date_day": "14",
    "demonstration_date_month": "3",
    "demonstration_date_year": "2016",
}


def address(programme, name="settings", *args):
    return reverse(f"reports:{name}", args=[programme.slug, *args])


def answers(programme, **changes):
    return {**FIGURES, "version": figures_version(programme), **changes}


@pytest.fixture
def client(client_of, pmo_administrator):
    return client_of(pmo_administrator)


@pytest.fixture
def audience(programme):
    return AudienceFactory(programme=programme)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.PMO_ADMINISTRATOR])
def test_only_the_administrator_sees_the_settings(client_of, member, programme, role):
    response = client_of(member(role)).get(address(programme))

    assert response.status_code == (404 if role == Role.EXTERNAL_READER else 403)


def test_figures_are_saved_with_an_entry_in_the_journal(client, programme, pmo_administrator):
    response = client.post(address(programme), answers(programme, tolerance_days="14"))

    programme.refresh_from_db()
    entry = AuditEntry.objects.get()
    assert response.status_code == 302
    assert programme.tolerance_days == 14
    assert entry.action == "programme.figures_changed"
    assert entry.actor == pmo_administrator
    assert changes_of("programme.figures_changed") == {"tolerance_days": (28, 14)}
    assert entry.request_id == response.headers["X-Request-ID"]


def test_figures_saved_as_they_are_leave_no_entry(client, programme):
    response = client.post(address(programme), answers(programme))

    assert response.status_code == 302
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tolerance_days": ""}, "Enter the tolerance in days"),
        ({"tolerance_days": "soon"}, "Tolerance in days must be a whole number"),
        ({"tolerance_days": "-1"}, "Tolerance in days must be 0 or more"),
        ({"tolerance_days": "400"}, "Tolerance in days must be 365 or less"),
        ({"near_threshold": "95"}, "Near must begin below Met, so below 95"),
        ({"elt_quorum": "0"}, "ELT quorum must be 1 or more"),
        ({"issue_working_day": "10"}, "The steps of the reporting cycle must be in order"),
        ({"issue_working_day": "19"}, "Issue must be 18 or less"),
        ({"demonstration_date_day": "31", "demonstration_date_month": "2"}, "must be a real date"),
        ({"next_inspection_date_day": "5"}, "Next inspection must include a month and a year"),
    ],
)
def test_a_wrong_figure_is_named_and_what_was_typed_stays(client, programme, changes, message):
    response = client.post(address(programme), answers(programme, **changes))

    html = response.content.decode()
    programme.refresh_from_db()
    assert response.status_code == 422
    assert message in html
    assert "<title>Error: Settings" in html
    assert figures_version(programme) == answers(programme)["version"]
    assert all(f'value="{typed}"' in html for typed in changes.values() if typed)


def test_the_demonstration_date_moves_and_is_never_removed(client, programme):
    empty = {f"demonstration_date_{part}": "" for part in ("day", "month", "year")}

    moved = client.post(address(programme), answers(programme, demonstration_date_day="21"))
    programme.refresh_from_db()
    removed = client.post(address(programme), answers(programme, **empty))

    programme.refresh_from_db()
    assert (moved.status_code, removed.status_code) == (302, 422)
    assert programme.demonstration_date == date(2016, 3, 21)


def test_the_next_inspection_is_set_and_taken_away_again(client, programme):
    parts = [f"next_inspection_date_{part}" for part in ("day", "month", "year")]
    typed = dict(zip(parts, ("5", "September", "2016"), strict=True))

    client.post(address(programme), answers(programme, **typed))
    programme.refresh_from_db()
    set_to = programme.next_inspection_date
    client.post(address(programme), answers(programme))

    programme.refresh_from_db()
    assert (set_to, programme.next_inspection_date) == (date(2016, 9, 5), None)


def test_a_real_programme_gets_no_demonstration_date_and_no_other_field(client, programme):
    programme.demonstration_date = None
    programme.save()
    extra = {"slug": "other", "name": "Mine", "organisation": "Mine", "rating_words": "{}"}

    response = client.post(address(programme), answers(programme, **extra))

    programme.refresh_from_db()
    assert response.status_code == 302
    assert programme.demonstration_date is None
    assert (programme.slug, programme.name) == ("las-2016", "Quality improvement plan")


def test_two_administrators_both_see_both_values(client, programme):
    typed = answers(programme, tolerance_days="14")
    programme.tolerance_days = 21
    programme.save()

    conflict = client.post(address(programme), typed)
    html = conflict.content.decode()
    again = client.post(address(programme), answers(programme, tolerance_days="14"))

    programme.refresh_from_db()
    assert (conflict.status_code, again.status_code) == (409, 302)
    assert "Tolerance in days was set to 21 meanwhile" in html
    assert 'value="14"' in html
    assert programme.tolerance_days == 14


def test_a_new_member_is_told_how_to_choose_a_password(client, programme):
    data = {"email": "New@las.example", "full_name": "New officer", "role": "pmo_officer"}

    response = client.post(address(programme, "member_add"), data, follow=True)

    user = User.objects.get(email="new@las.example")
    assert not user.has_usable_password()
    assert programme.roles_of(user) == {Role.PMO_OFFICER}
    assert "Forgotten your password?" in response.content.decode()
    assert AuditEntry.objects.get().action == "member.added"


def test_a_known_person_keeps_the_own_name(client, programme):
    known = UserFactory(email="known@las.example", full_name="Known person")
    data = {"email": "KNOWN@las.example", "full_name": "Somebody", "role": "auditor"}

    client.post(address(programme, "member_add"), data)

    known.refresh_from_db()
    assert known.full_name == "Known person"
    assert programme.roles_of(known) == {Role.AUDITOR}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": ""}, "Enter the e-mail address"),
        ({"email": "nobody"}, "must look like name@example.com"),
        ({"full_name": ""}, "Enter the full name: nobody has this e-mail address yet"),
        ({"role": ""}, "Select the role"),
        ({"role": "superuser"}, "Choose the role from the list"),
    ],
)
def test_a_wrong_member_is_named_and_nobody_is_added(client, programme, changes, message):
    data = {"email": "new@las.example", "full_name": "New officer", "role": "auditor", **changes}

    response = client.post(address(programme, "member_add"), data)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert Membership.objects.count() == 1


def test_a_member_added_with_more_than_a_role_gets_no_more(client, programme):
    data = {"email": "new@las.example", "full_name": "New", "role": "auditor"}

    client.post(address(programme, "member_add"), {**data, "is_superuser": "on", "is_staff": "on"})

    assert not User.objects.get(email="new@las.example").is_superuser


def test_a_role_is_removed(client, programme, pmo_officer):
    membership = programme.memberships.get(user=pmo_officer)

    client.post(address(programme, "member_remove", membership.pk))

    assert not programme.roles_of(pmo_officer)
    assert AuditEntry.objects.get().action == "member.removed"


def test_the_last_administrator_stays(client, programme, pmo_administrator):
    membership = programme.memberships.get(user=pmo_administrator)

    response = client.post(address(programme, "member_remove", membership.pk), follow=True)

    assert Role.PMO_ADMINISTRATOR in programme.roles_of(pmo_administrator)
    assert "is the only PMO administrator" in response.content.decode()


def test_who_leaves_a_programme_is_led_to_the_start_page(
    client, member, programme, pmo_administrator
):
    member(Role.PMO_ADMINISTRATOR)
    membership = programme.memberships.get(user=pmo_administrator)

    response = client.post(address(programme, "member_remove", membership.pk), follow=True)

    assert response.status_code == 200
    assert "You are not in a programme yet" in response.content.decode()


def test_a_member_of_another_programme_cannot_be_removed(client, member, programme):
    other = ProgrammeFactory(slug="other-trust")
    officer = member(Role.PMO_OFFICER, programme=other)
    membership = other.memberships.get(user=officer)

    response = client.post(address(programme, "member_remove", membership.pk))

    assert response.status_code == 404
    assert other.roles_of(officer)


def test_a_recipient_is_added_taken_off_and_put_back(client, programme, audience):
    data = {"audience": audience.pk, "name": "CQRG chair", "email": "Chair@cqrg.example"}

    client.post(address(programme, "recipient_add"), data)
    recipient = Recipient.objects.get()
    client.post(address(programme, "recipient_remove", recipient.pk))
    recipient.refresh_from_db()
    was_active = recipient.is_active
    client.post(address(programme, "recipient_add"), data)

    recipient.refresh_from_db()
    assert (recipient.email, was_active, recipient.is_active) == ("chair@cqrg.example", False, True)
    assert AuditEntry.objects.count() == 3


def test_an_external_reader_is_tied_to_the_recipient_of_the_same_address(
    client, programme, audience
):
    recipient = RecipientFactory(audience=audience, email="reader@cqrg.example")
    data = {"email": "reader@cqrg.example", "full_name": "Reader", "role": "external_reader"}

    client.post(address(programme, "member_add"), data)

    recipient.refresh_from_db()
    assert recipient.user == User.objects.get(email="reader@cqrg.example")


@pytest.mark.parametrize("email", ["", "nobody"])
def test_a_wrong_recipient_is_named_and_nobody_is_added(client, programme, audience, email):
    data = {"audience": audience.pk, "name": "CQRG chair", "email": email}

    response = client.post(address(programme, "recipient_add"), data)

    assert response.status_code == 422
    assert "CQRG chair" in response.content.decode()
    assert not Recipient.objects.exists()


def test_an_audience_of_another_programme_cannot_be_chosen(client, programme):
    other = AudienceFactory(programme=ProgrammeFactory(slug="other-trust"))
    data = {"audience": other.pk, "name": "CQRG chair", "email": "chair@cqrg.example"}

    response = client.post(address(programme, "recipient_add"), data)

    assert response.status_code == 422
    assert not Recipient.objects.exists()


def test_a_recipient_of_another_programme_cannot_be_removed(client, programme):
    other = AudienceFactory(programme=ProgrammeFactory(slug="other-trust"))
    recipient = RecipientFactory(audience=other)

    response = client.post(address(programme, "recipient_remove", recipient.pk))

    recipient.refresh_from_db()
    assert response.status_code == 404
    assert recipient.is_active


def test_members_of_several_programmes_choose_one(client, member, programme, pmo_administrator):
    other = ProgrammeFactory(slug="other-trust", name="Other plan")
    other.memberships.create(user=pmo_administrator, role=Role.AUDITOR)

    html = client.get(reverse("home")).content.decode()

    assert "Other plan" in html
    assert 'href="/las-2016/home/"' in html


def test_a_demonstration_does_not_go_back_behind_what_has_happened(
    programme, pmo_administrator, client_of
):
    client = client_of(pmo_administrator)
    page = client.get(reverse("reports:settings", args=["las-2016"]))
    form = page.context["figures_form"]
    data = {each.html_name: each.value() for each in form if not each.name.endswith("_date")}
    for part, value in (("day", 13), ("month", 3), ("year", 2016)):
        data[f"demonstration_date_{part}"] = value

    response = client.post(reverse("reports:settings", args=["las-2016"]), data)

    assert response.status_code == 422
    assert "Demonstration date must be 14 March 2016 or later" in response.content.decode()


def test_an_owner_of_open_milestones_stays_one_until_they_are_handed_over(
    programme, milestone, local_owner, pmo_administrator, client_of
):
    membership = programme.memberships.get(user=local_owner)

    response = client_of(pmo_administrator).post(
        reverse("reports:member_remove", args=["las-2016", membership.pk]), follow=True
    )

    assert programme.memberships.filter(pk=membership.pk).exists()
    assert "local owner of 1 open milestones" in response.content.decode()
