from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from governance.models import LineState, MonthlyLine
from governance.monthly_lines import standings, write_line
from governance.ownership import name_owner
from tests.factories.milestones import MilestoneFactory
from tests.factories.workstreams import EnablerFactory, PartnerCommitmentFactory, ProgrammeFactory
from tests.journal import changes_of
from workstreams.models import MonthState
from workstreams.months import open_month

MARCH = date(2016, 3, 1)


def url(name, *keys):
    return reverse(f"governance:{name}", args=["las-2016", *keys])


@pytest.fixture
def enabler(programme, local_owner):
    return EnablerFactory(programme=programme, code="E1", local_owner=local_owner)


@pytest.fixture
def commitment(programme, executive_lead):
    return PartnerCommitmentFactory(programme=programme, position=1, local_owner=executive_lead)


def write(subject, by, state=LineState.ON_TRACK, text="Road shows held"):
    return write_line(subject=subject, by=by, state=state, text=text)


@pytest.mark.parametrize(
    ("role", "may_enabler", "may_commitment"),
    [
        ("pmo_administrator", True, True),
        ("pmo_officer", True, True),
        ("local_owner", True, False),
        ("executive_lead", False, True),
        ("other_owner", False, False),
        ("elt_member", False, False),
        ("auditor", False, False),
    ],
)
def test_the_pmo_and_who_answers_for_it_write_its_line(
    enabler, commitment, person, role, may_enabler, may_commitment
):
    for subject, may in ((enabler, may_enabler), (commitment, may_commitment)):
        if may:
            assert write(subject, person(role)).month == MARCH
        else:
            with pytest.raises(PermissionDenied, match="Only the PMO or who answers for it"):
                write(subject, person(role))

    assert MonthlyLine.objects.count() == may_enabler + may_commitment


def test_the_newest_line_of_a_month_counts_and_the_older_stay(programme, enabler, local_owner):
    write(enabler, local_owner)
    write(enabler, local_owner, LineState.CONCERN, "Two road shows fell out")

    month = open_month(programme, MARCH)
    standing = standings(programme, month=month)[0][0]

    assert standing.line.text == "Two road shows fell out"
    assert MonthlyLine.objects.count() == 2
    assert AuditEntry.objects.filter(action="monthly_line.written").count() == 2


def test_the_same_line_pressed_twice_is_one_line(enabler, local_owner):
    assert write(enabler, local_owner) == write(enabler, local_owner)
    assert MonthlyLine.objects.count() == 1


def test_a_line_after_the_freeze_belongs_to_the_next_month(programme, enabler, local_owner):
    write(enabler, local_owner)
    month = open_month(programme, MARCH)
    month.state = MonthState.FROZEN
    month.save()

    assert write(enabler, local_owner).month == date(2016, 4, 1)
    standing = standings(programme, month=open_month(programme, date(2016, 4, 1)))[0][0]
    assert (standing.line.month, standing.before.month) == (date(2016, 4, 1), MARCH)


def test_an_empty_line_is_refused(enabler, local_owner):
    with pytest.raises(ValidationError, match="Enter how it stands"):
        write(enabler, local_owner, text=" ")


def test_lines_cannot_be_changed(enabler, local_owner):
    write(enabler, local_owner)

    for act in (
        lambda: MonthlyLine.objects.update(text="Never mind"),
        lambda: MonthlyLine.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_pmo_names_who_answers(enabler, pmo_officer, executive_lead, local_owner, auditor):
    name_owner(subject=enabler, by=pmo_officer, owner=executive_lead)

    enabler.refresh_from_db()
    assert enabler.local_owner == executive_lead
    assert changes_of("owner.named") == {"local_owner": (local_owner.pk, executive_lead.pk)}
    with pytest.raises(PermissionDenied, match="Only the PMO says"):
        name_owner(subject=enabler, by=local_owner, owner=local_owner)
    with pytest.raises(ValidationError, match="must be a local owner"):
        name_owner(subject=enabler, by=pmo_officer, owner=auditor)


def test_the_page_lists_both_with_their_lines_and_milestones(
    programme, enabler, commitment, local_owner, client_of, auditor
):
    write(enabler, local_owner, LineState.CONCERN, "Two road shows fell out")
    milestone = MilestoneFactory(
        project=None, enabler=enabler, programme=programme, reference="PRG-01"
    )

    text = client_of(auditor).get(url("enabler_list")).content.decode()

    assert "Two road shows fell out" in text
    assert "Concern" in text
    assert milestone.get_absolute_url() in text
    assert commitment.partner in text
    assert "1 has no line for March 2016 yet." in text


def test_a_line_is_written_from_the_page_and_its_history_read(
    enabler, local_owner, client_of, auditor
):
    client = client_of(local_owner)

    empty = client.post(url("enabler_detail", "E1"), {"state": "concern", "text": ""})
    done = client.post(
        url("enabler_detail", "E1"), {"state": "concern", "text": "Two fell out"}, follow=True
    )

    assert empty.status_code == 422
    assert '<a href="#id_text">' in empty.content.decode()
    assert "The line for March 2016 is saved." in done.content.decode()
    read = client_of(auditor).get(url("enabler_detail", "E1")).content.decode()
    assert "Two fell out" in read
    assert "Save line" not in read


def test_an_owner_is_named_from_the_page(commitment, client_of, pmo_officer, local_owner):
    client = client_of(pmo_officer)
    wrong = client.post(url("commitment_owner", 1), {"owner": "999999"})
    done = client.post(url("commitment_owner", 1), {"owner": local_owner.pk}, follow=True)

    assert wrong.status_code == 422
    assert "WS2 local owner answers for it now." in done.content.decode()


@pytest.mark.parametrize(
    "address",
    [("enabler_detail", "E99"), ("enabler_detail", "E\0"), ("commitment_detail", 99)],
)
def test_what_is_not_there_is_not_found(programme, client_of, auditor, address):
    other = ProgrammeFactory(slug="other-trust")
    EnablerFactory(programme=other, code="E99")
    PartnerCommitmentFactory(programme=other, position=99)

    assert client_of(auditor).get(url(*address)).status_code == 404


@pytest.mark.parametrize("rows", [1, 25])
def test_the_page_costs_the_same_queries_however_many_there_are(
    programme, client_of, auditor, pmo_officer, django_assert_num_queries, rows
):
    for number in range(1, rows + 1):
        enabler = EnablerFactory(programme=programme, code=f"E{number}", local_owner=pmo_officer)
        MilestoneFactory(project=None, enabler=enabler, programme=programme)
        write(enabler, pmo_officer)
        write(PartnerCommitmentFactory(programme=programme, position=number), pmo_officer)
    client = client_of(auditor)

    with django_assert_num_queries(9):
        response = client.get(url("enabler_list"))

    assert len(response.context["enablers"]) == rows
