import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.urls import reverse

from accounts.models import AuditEntry
from reports.commentary import (
    SUMMARY,
    CommentaryFixed,
    StaleCommentary,
    accepted_commentary,
    save_commentary,
    section_of,
)
from reports.models import Commentary, Delivery, Pack
from reports.months import freeze_month, reopen_month, sign_off_month
from tests.factories.metrics import IndicatorFactory
from tests.factories.workstreams import WorkstreamFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rendered(monkeypatch):
    """Render packs without the typesetter: the file tells which words it was given."""
    from reports import packs

    def quick(*, snapshot, audience, number, sha256, commentary):
        return f"%PDF {number} {audience['code']} {commentary}".encode()

    monkeypatch.setattr(packs, "render_pack", quick)
    return packs.render_due_packs


def say(month, by, text="The plan holds.", *, section=SUMMARY, seen=0, accept=True):
    return save_commentary(
        month_id=month.pk, section=section, by=by, seen_version=seen, text=text, accept=accept
    )


def address(month, section=SUMMARY):
    return reverse("reports:commentary_edit", args=["las-2016", month.month, section])


def test_accepted_words_are_printed_and_drafts_are_not(
    march, milestone, audiences, pmo_officer, rendered
):
    say(march, pmo_officer, "Printed.")
    say(march, pmo_officer, "Not yet.", seen=1, accept=False)
    freeze_month(month_id=march.pk, by=pmo_officer)

    packs = rendered()

    assert all(b"Printed." in pack.read() and b"Not yet." not in pack.read() for pack in packs)


def test_words_accepted_after_the_freeze_make_a_new_edition_and_keep_the_old_file(
    march, milestone, audiences, pmo_officer, rendered
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    first = rendered()
    before = {pack.audience.code: pack.sha256 for pack in first}

    say(march, pmo_officer, "New words.")
    again = rendered()

    assert {pack.edition for pack in again} == {2}
    assert all(b"New words." in pack.read() for pack in again)
    for pack in Pack.objects.filter(edition=1):
        assert pack.superseded_at is not None
        assert pack.sha256 == before[pack.audience.code]
        assert b"New words." not in pack.read()


def test_a_message_not_sent_yet_takes_the_new_edition_and_is_still_one(
    march, milestone, audiences, pmo_officer, rendered
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    rendered()

    say(march, pmo_officer, "New words.")

    assert Delivery.objects.get().pack.edition == 2


def test_a_pack_that_is_not_made_yet_needs_no_new_edition(
    march, milestone, audiences, pmo_officer, rendered
):
    freeze_month(month_id=march.pk, by=pmo_officer)

    say(march, pmo_officer, "In time.")

    assert {pack.edition for pack in rendered()} == {1}
    assert Pack.objects.count() == 2


def test_the_same_words_accepted_again_make_nothing_again(
    march, milestone, audiences, pmo_officer, rendered
):
    say(march, pmo_officer, "As it is.")
    freeze_month(month_id=march.pk, by=pmo_officer)
    rendered()

    say(march, pmo_officer, "As it is.", seen=1)

    assert not Pack.objects.filter(edition=2).exists()


def test_words_that_change_while_a_pack_is_typeset_are_in_the_pack(
    march, milestone, audiences, pmo_officer, monkeypatch
):
    from reports import packs

    freeze_month(month_id=march.pk, by=pmo_officer)
    kept = packs._keep

    def changed_meanwhile(made, result):
        if not Commentary.objects.exists():
            say(march, pmo_officer, "Meanwhile.")
        return kept(made, result)

    monkeypatch.setattr(packs, "render_pack", lambda **given: f"%PDF {given}".encode())
    monkeypatch.setattr(packs, "_keep", changed_meanwhile)
    packs.render_due_packs()
    packs.render_due_packs()

    assert all(b"Meanwhile." in pack.read() for pack in Pack.objects.current())


def test_once_signed_off_nothing_changes(
    march, milestone, audiences, pmo_officer, elt_member, rendered, client_of
):
    freeze_month(month_id=march.pk, by=pmo_officer)
    rendered()
    sign_off_month(month_id=march.pk, by=elt_member)

    with pytest.raises(CommentaryFixed, match="March 2016 is signed off"):
        say(march, pmo_officer)
    response = client_of(pmo_officer).get(address(march), follow=True)

    assert "its commentary stays as it is" in response.content.decode()
    assert not Commentary.objects.exists()


def test_a_lead_writes_on_the_own_work_stream_alone(march, workstream, executive_lead, programme):
    WorkstreamFactory(programme=programme, code="WS5", name="Taking pride", position=5)

    say(march, executive_lead, "Ours.", section=workstream.code)

    for section in (SUMMARY, "WS5", "nothing"):
        with pytest.raises(PermissionDenied, match="an executive lead that of the own"):
            say(march, executive_lead, section=section)


def test_others_write_nothing(march, elt_member, local_owner, auditor):
    for person in (elt_member, local_owner, auditor):
        with pytest.raises(PermissionDenied):
            say(march, person)


def test_words_saved_meanwhile_are_shown_beside_what_was_typed(
    march, milestone, pmo_officer, pmo_administrator, client_of
):
    say(march, pmo_administrator, "Saved first.")
    client = client_of(pmo_officer)

    response = client.post(address(march), {"text": "Typed second.", "version": 0, "accept": 1})
    html = response.content.decode()

    assert response.status_code == 409
    assert "Saved first." in html
    assert "Typed second." in html
    assert "PMO administrator saved this commentary after you opened it" in html
    with pytest.raises(StaleCommentary):
        say(march, pmo_officer, seen=0)
    again = client.post(address(march), {"text": "Typed second.", "version": 1, "accept": 1})
    assert again.status_code == 302
    assert section_of(march, SUMMARY).accepted.text == "Typed second."


def test_a_text_too_long_is_refused_and_kept(march, milestone, pmo_officer, client_of):
    response = client_of(pmo_officer).post(
        address(march), {"text": "x" * 3001, "version": 0, "accept": 1}
    )
    html = response.content.decode()

    assert response.status_code == 422
    assert "Commentary must be 3000 characters or fewer" in html
    assert "x" * 3001 in html


def test_the_form_starts_from_a_draft_made_of_the_figures(march, milestone, pmo_officer, client_of):
    IndicatorFactory(workstream=milestone.workstream)

    html = client_of(pmo_officer).get(address(march)).content.decode()

    drafted = "0 of 1 indicator met, 0 near and 0 below trajectory."
    assert html.count(drafted) == 2  # in the box, and beside it
    assert "milestones are complete" not in html  # the pack prints it above


def test_a_section_that_is_no_work_stream_is_no_page(march, pmo_officer, client_of):
    assert client_of(pmo_officer).get(address(march, "WS9")).status_code == 404


def test_a_reopened_month_starts_from_the_words_of_the_version_before(
    march, milestone, audiences, pmo_officer, rendered, client_of
):
    say(march, pmo_officer, "Words of version 1.")
    freeze_month(month_id=march.pk, by=pmo_officer)
    reopen_month(month_id=march.pk, by=pmo_officer, reason="A figure was wrong")
    march.refresh_from_db()

    html = client_of(pmo_officer).get(address(march)).content.decode()

    assert "Words of version 1." in html
    assert accepted_commentary(march, 2) == {}


def test_the_database_refuses_changes_of_what_was_written(march, pmo_officer):
    row = say(march, pmo_officer)

    with pytest.raises(DatabaseError), transaction.atomic():
        Commentary.objects.filter(pk=row.pk).update(text="Other")


def test_each_save_is_in_the_journal_with_its_words(march, pmo_officer):
    say(march, pmo_officer, "First.", accept=False)
    say(march, pmo_officer, "Second.", seen=1)

    acts = AuditEntry.objects.order_by("pk")
    assert [(act.action, act.details["text"]) for act in acts] == [
        ("commentary.drafted", "First."),
        ("commentary.accepted", "Second."),
    ]
