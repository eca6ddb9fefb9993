import hashlib
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from milestones import evidence
from milestones.assurance import WrongState, give_assurance
from milestones.models import AssuranceOutcome, Evidence, Milestone, MilestoneStatus
from milestones.services import Position, record_update
from milestones.uploads import LARGEST_FILE
from tests.milestones.answers import update_data, url
from tests.milestones.test_uploads import BOMB, HTML, PDF
from workstreams.models import Role

TODAY = date(2016, 3, 14)


def pdf(name="Minutes.pdf", content=PDF):
    return SimpleUploadedFile(name, content, content_type="text/html")


def add_file(milestone, by, **fields):
    fields = {"title": "Minutes of the board", "upload": pdf()} | fields
    return evidence.add_file(milestone_id=milestone.pk, by=by, **fields)


def add_link(milestone, by, url="https://las.example/minutes"):
    return evidence.add_link(milestone_id=milestone.pk, by=by, title="Minutes", url=url)


def complete(milestone, by, reason=""):
    position = Position(
        status=MilestoneStatus.COMPLETE, completed_date=TODAY, no_evidence_reason=reason
    )
    return record_update(
        milestone_id=milestone.pk, by=by, seen_version=milestone.version, position=position
    )


def address(name, piece):
    keys = [piece.milestone.programme.slug, piece.milestone.reference, piece.pk]
    return reverse(f"milestones:{name}", args=keys)


def stored_files(settings):
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_a_file_is_kept_under_a_random_name_with_its_hash(milestone, local_owner, settings):
    piece = add_file(milestone, local_owner)

    stored = stored_files(settings)
    assert [path.read_bytes() for path in stored] == [PDF]
    assert "Minutes" not in stored[0].name
    assert piece.file_name == "Minutes.pdf"
    assert piece.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (piece.content_type, piece.size) == ("application/pdf", len(PDF))
    assert (piece.added_by, piece.added_date) == (local_owner, TODAY)


def test_adding_and_removing_evidence_never_moves_the_milestones_version(milestone, local_owner):
    piece = add_file(milestone, local_owner)
    add_link(milestone, local_owner)
    evidence.remove(evidence_id=piece.pk, by=local_owner)

    milestone.refresh_from_db()
    assert milestone.version == 1
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "evidence.added",
        "evidence.added",
        "evidence.removed",
    ]


@pytest.mark.parametrize("name", ["elt_member", "auditor", "external_reader"])
def test_nobody_adds_evidence_to_a_milestone_that_they_may_not_update(request, milestone, name):
    person = request.getfixturevalue(name)

    with pytest.raises(PermissionDenied, match="Only its owner"):
        add_link(milestone, person)


def test_a_withdrawn_milestone_takes_no_evidence(milestone, pmo_officer):
    Milestone.objects.update(status=MilestoneStatus.WITHDRAWN)

    with pytest.raises(PermissionDenied, match="withdrawn"):
        add_file(milestone, pmo_officer)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"upload": pdf(content=HTML)}, "file"),
        ({"upload": pdf("bomb.xlsx", BOMB)}, "file"),
        ({"upload": pdf(content=b"x" * (LARGEST_FILE + 1))}, "file"),
    ],
)
def test_what_may_not_be_kept_is_refused_by_field_and_never_stored(
    milestone, local_owner, settings, fields, field
):
    with pytest.raises(ValidationError) as refused:
        add_file(milestone, local_owner, **fields)

    assert list(refused.value.message_dict) == [field]
    assert (Evidence.objects.count(), stored_files(settings)) == (0, [])


def test_a_link_that_a_browser_could_run_is_refused(milestone, local_owner):
    with pytest.raises(ValidationError) as refused:
        add_link(milestone, local_owner, url="javascript:alert(1)")

    assert list(refused.value.message_dict) == ["url"]


def test_the_database_holds_a_file_with_its_hash_or_a_link_and_never_both(milestone, local_owner):
    piece = add_file(milestone, local_owner)

    for fields in ({"url": "https://las.example"}, {"sha256": ""}, {"file": "", "url": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evidence.objects.filter(pk=piece.pk).update(**fields)


def test_what_is_removed_stays_on_the_record_with_who_and_when(milestone, local_owner, settings):
    piece = add_file(milestone, local_owner)

    evidence.remove(evidence_id=piece.pk, by=local_owner)

    piece.refresh_from_db()
    assert (piece.removed_by, piece.removed_date) == (local_owner, TODAY)
    assert len(stored_files(settings)) == 1
    with pytest.raises(WrongState, match="removed already"):
        evidence.remove(evidence_id=piece.pk, by=local_owner)


def test_only_who_added_it_or_the_pmo_removes_it(
    milestone, local_owner, executive_lead, pmo_officer
):
    first, second = add_link(milestone, local_owner), add_link(milestone, local_owner)

    with pytest.raises(PermissionDenied, match="Only who added"):
        evidence.remove(evidence_id=first.pk, by=executive_lead)
    evidence.remove(evidence_id=first.pk, by=pmo_officer)
    local_owner.memberships.all().delete()
    with pytest.raises(PermissionDenied, match="Only who added"):
        evidence.remove(evidence_id=second.pk, by=local_owner)


def test_evidence_of_an_assured_completion_stays(milestone, local_owner, pmo_officer):
    piece = add_file(milestone, local_owner)
    complete(milestone, local_owner)
    give_assurance(
        milestone_id=milestone.pk,
        by=pmo_officer,
        seen_version=2,
        outcome=AssuranceOutcome.ASSURED,
    )

    with pytest.raises(WrongState, match="was assured with this evidence"):
        evidence.remove(evidence_id=piece.pk, by=pmo_officer)


def test_a_milestone_is_completed_with_evidence_or_with_a_reason(milestone, local_owner):
    with pytest.raises(ValidationError) as refused:
        complete(milestone, local_owner)
    update = complete(milestone, local_owner, reason=" Seen on the ward ")

    assert list(refused.value.message_dict) == ["no_evidence_reason"]
    assert update.reason == "Seen on the ward"


def test_evidence_that_was_removed_completes_nothing(milestone, local_owner):
    piece = add_link(milestone, local_owner)
    evidence.remove(evidence_id=piece.pk, by=local_owner)

    with pytest.raises(ValidationError, match="Add evidence before you complete it"):
        complete(milestone, local_owner)
    add_link(milestone, local_owner)

    assert complete(milestone, local_owner).reason == ""


def test_a_complete_milestone_is_corrected_without_a_new_reason(milestone, local_owner):
    complete(milestone, local_owner, reason="Seen on the ward")
    milestone.refresh_from_db()

    update = complete(milestone, local_owner)

    assert update.status == MilestoneStatus.COMPLETE


@pytest.mark.parametrize("back", ["", "update", "//evil.example"])
def test_the_form_adds_a_file_and_goes_back_to_its_page(client_of, milestone, local_owner, back):
    answers = {"title": "Minutes", "file": pdf(), "url": "", "back": back}

    response = client_of(local_owner).post(url("evidence_add", milestone), answers)

    own = milestone.get_absolute_url()
    assert response["Location"] == (url("milestone_update", milestone) if back == "update" else own)
    assert Evidence.objects.get().file_name == "Minutes.pdf"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({}, "Choose a file or enter a link"),
        ({"file": pdf(), "url": "https://las.example"}, "not both"),
        ({"file": pdf("page.pdf", HTML)}, "The file is a web page or markup"),
        ({"file": pdf("empty.pdf", b"")}, "File: the file is empty"),
        ({"file": pdf("x" * 500 + "\u202e.pdf.exe")}, "The file must end in one of"),
        ({"url": "javascript:alert(1)"}, "The link must be a whole address"),
        ({"url": "https://las.example", "title": ""}, "What does it show?"),
    ],
)
def test_a_wrong_answer_is_a_page_with_a_message_and_what_was_typed(
    client_of, milestone, local_owner, answers, error
):
    response = client_of(local_owner).post(
        url("evidence_add", milestone), {"title": "My words", **answers}
    )

    page = response.content.decode()
    assert response.status_code == 422
    assert error in page
    assert answers.get("title", "My words") in page
    assert not Evidence.objects.exists()


def test_a_file_is_served_as_a_download_that_no_browser_draws(client_of, milestone, local_owner):
    piece = add_file(milestone, local_owner, upload=pdf('Min"utes é.pdf'))

    response = client_of(local_owner).get(address("evidence_download", piece))

    assert b"".join(response) == PDF
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/pdf"
    policy = "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert response["Content-Security-Policy"] == policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Evidence-SHA256"] == piece.sha256


def test_nobody_outside_the_live_programme_downloads_a_file(
    client_of, milestone, local_owner, external_reader, member
):
    piece = add_file(milestone, local_owner)

    for person in (external_reader, member()):
        assert client_of(person).get(address("evidence_download", piece)).status_code == 404


def test_links_removed_files_and_lost_files_are_no_downloads(
    client_of, milestone, local_owner, settings
):
    link, removed, lost = (
        add_link(milestone, local_owner),
        *(add_file(milestone, local_owner) for _ in range(2)),
    )
    evidence.remove(evidence_id=removed.pk, by=local_owner)
    (Path(settings.MEDIA_ROOT) / lost.file.name).unlink()
    browser = client_of(local_owner)

    answers = [browser.get(address("evidence_download", piece)) for piece in (link, removed, lost)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_file_of_another_milestone_is_not_found_under_this_one(
    client_of, milestone, local_owner, workstream
):
    piece = add_file(milestone, local_owner)
    wrong = reverse("milestones:evidence_download", args=["las-2016", "WS9-P9-99", piece.pk])

    assert client_of(local_owner).get(wrong).status_code == 404


def test_the_page_shows_evidence_its_hash_and_the_button_to_who_may_remove_it(
    client_of, milestone, local_owner, elt_member
):
    piece = add_file(milestone, local_owner, title="<script>x</script>")

    own = client_of(local_owner).get(milestone.get_absolute_url()).content.decode()
    others = client_of(elt_member).get(milestone.get_absolute_url()).content.decode()

    assert piece.sha256 in own
    assert "&lt;script&gt;x&lt;/script&gt;" in own
    assert "<script>x" not in own
    assert address("evidence_remove", piece) in own
    assert "no patient data" in own
    assert address("evidence_remove", piece) not in others
    assert f'action="{url("evidence_add", milestone)}"' not in others


def test_removing_on_the_page_says_so(client_of, milestone, local_owner):
    piece = add_link(milestone, local_owner)
    browser = client_of(local_owner)

    first = browser.post(address("evidence_remove", piece), follow=True).content.decode()
    second = browser.post(address("evidence_remove", piece), follow=True).content.decode()

    assert "is removed. It stays on the record." in first
    assert "was removed already, by WS2 local owner" in second


def test_the_update_form_asks_why_there_is_no_evidence_and_keeps_the_text(
    client_of, milestone, local_owner
):
    answers = update_data(
        milestone, status="complete", completed_date=TODAY, narrative="Do not lose me"
    )

    response = client_of(local_owner).post(url("milestone_update", milestone), answers)

    page = response.content.decode()
    assert response.status_code == 422
    assert '<a href="#id_no_evidence_reason">Add evidence before you complete it' in page
    assert "Do not lose me" in page


def test_the_page_costs_the_same_queries_however_much_evidence_it_shows(
    client_of, milestone, pmo_officer, django_assert_max_num_queries
):
    browser = client_of(pmo_officer)
    add_link(milestone, pmo_officer)
    with django_assert_max_num_queries(60) as one:
        browser.get(milestone.get_absolute_url())
    for _ in range(24):
        add_link(milestone, pmo_officer)

    with django_assert_max_num_queries(len(one)):
        browser.get(milestone.get_absolute_url())


def test_a_person_of_two_programmes_reaches_evidence_only_through_its_own(
    client_of, milestone, local_owner, member, programme
):
    piece = add_file(milestone, local_owner)
    stranger = member(
        Role.PMO_ADMINISTRATOR,
        programme=type(programme).objects.create(
            slug="other-trust", name="Other", organisation="Other", start_date=date(2015, 6, 1)
        ),
    )

    for name in ("evidence_download", "evidence_remove"):
        mine = address(name, piece).replace("las-2016", "other-trust")
        assert client_of(stranger).post(mine).status_code in (404, 405)
        assert client_of(stranger).get(mine).status_code in (404, 405)
    assert not Evidence.objects.filter(removed_date__isnull=False).exists()


def test_adding_evidence_beside_an_update_leaves_what_is_typed_there(
    milestone, local_owner, client_of
):
    page = client_of(local_owner).get(url("milestone_update", milestone)).content.decode()

    evidence_form = page[page.index('aria-labelledby="evidence"') :]
    assert 'target="_blank"' in evidence_form
    assert page.index('name="narrative"') < page.index('aria-labelledby="evidence"')
