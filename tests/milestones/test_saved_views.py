import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import AuditEntry
from milestones.models import SavedView
from milestones.saved_views import MOST_VIEWS, delete_view, save_view
from tests.factories.workstreams import ProgrammeFactory
from workstreams.models import Role

LIST = "/las-2016/milestones/"
ADD = f"{LIST}views/"


def test_a_view_keeps_the_filter_the_order_and_the_columns(client_of, programme, auditor):
    browser = client_of(auditor)
    query = "rating=at_risk&rating=delayed&sort=-planned&columns=lead&page=7&edit=X&next=//evil"

    response = browser.post(ADD, {"name": "Worst", "query": query}, follow=True)

    kept = "rating=at_risk&rating=delayed&sort=-planned&columns=lead"
    assert SavedView.objects.get().query == kept
    assert response.redirect_chain == [(f"{LIST}?{kept}", 302)]
    page = response.content.decode()
    assert 'aria-current="page">My view: Worst' in page
    assert "Delete the view “Worst”" in page


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"name": "", "query": ""}, "Enter the name of the view"),
        ({"name": "x" * 61, "query": ""}, "must be 60 characters or fewer"),
        ({"name": "A", "query": "rating=purple"}, "The filter holds a value that is none."),
        ({"name": "A", "query": "search=" + "x" * 1001}, "This filter is too long to be kept."),
        ({"name": "A", "query": "", "shared_with": "everybody"}, "from the list"),
        ({}, "Enter the name of the view"),
    ],
)
def test_a_wrong_answer_keeps_the_typed_name_and_says_why(
    client_of, programme, pmo_officer, answers, message
):
    response = client_of(pmo_officer).post(ADD, answers)

    assert response.status_code == 422
    assert message in response.content.decode()
    assert not SavedView.objects.exists()


def test_the_pmo_shares_a_view_with_a_role_and_only_that_role_sees_it(
    client_of, programme, pmo_officer, auditor, local_owner
):
    answers = {"name": "For audit", "query": "missing=date", "shared_with": "auditor"}
    client_of(pmo_officer).post(ADD, answers)

    def shows(person):
        return "Auditor: For audit" in client_of(person).get(LIST).content.decode()

    assert [shows(auditor), shows(pmo_officer), shows(local_owner)] == [True, True, False]
    assert AuditEntry.objects.get(action="saved_view.shared").actor == pmo_officer


def test_nobody_else_shares(client_of, programme, local_owner):
    answers = {"name": "Mine for all", "query": "", "shared_with": "auditor"}

    response = client_of(local_owner).post(ADD, answers)

    assert response.status_code == 403
    assert not SavedView.objects.exists()


def test_a_view_is_for_its_own_programme_and_person(client_of, programme, member, auditor):
    other = ProgrammeFactory(slug="other-trust")
    twice = member(Role.AUDITOR, programme=other)
    save_view(programme=other, by=twice, name="Elsewhere", query="")
    save_view(programme=programme, by=auditor, name="Own", query="")
    with pytest.raises(PermissionDenied):
        save_view(programme=programme, by=twice, name="Foreign", query="")

    page = client_of(auditor).get(LIST).content.decode()

    assert "My view: Own" in page
    assert "Elsewhere" not in page


def test_a_name_is_given_once_and_views_are_counted(programme, pmo_officer):
    share = {"programme": programme, "by": pmo_officer, "query": "", "shared_with": Role.AUDITOR}
    save_view(name="Late", **share)

    with pytest.raises(ValidationError, match="There is a view called “late” already"):
        save_view(name="late", **share)
    for number in range(MOST_VIEWS - 1):
        save_view(name=f"View {number}", **share)
    with pytest.raises(ValidationError, match="Delete one first"):
        save_view(name="One more", **share)


def test_a_person_deletes_their_own_and_finds_no_others(client_of, programme, auditor, elt_member):
    view = save_view(programme=programme, by=auditor, name="Own", query="")
    address = f"{LIST}views/{view.pk}/delete/"

    stranger = client_of(elt_member).post(address)
    own = client_of(auditor).post(address)

    assert (stranger.status_code, own.status_code) == (404, 302)
    assert not SavedView.objects.exists()


def test_only_the_pmo_deletes_a_shared_view(programme, pmo_officer, auditor):
    view = save_view(
        programme=programme, by=pmo_officer, name="Late", query="", shared_with=Role.AUDITOR
    )

    with pytest.raises(PermissionDenied):
        delete_view(view_id=view.pk, by=auditor)
    delete_view(view_id=view.pk, by=pmo_officer)

    assert not SavedView.objects.exists()
    assert AuditEntry.objects.filter(action="saved_view.deleted").exists()
