from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse
from django.utils import timezone

from reports import heartbeat
from reports.models import DeliveryState, Heartbeat, Notice
from reports.tasks import run_due
from tests.factories.workstreams import ProgrammeFactory, ReportingMonthFactory
from workstreams.models import Programme

NOON = datetime(2016, 3, 14, 12, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("silence", "is_alive"),
    [(timedelta(0), True), (timedelta(minutes=8), True), (timedelta(minutes=8, seconds=1), False)],
)
def test_it_counts_as_stopped_after_eight_silent_minutes(silence, is_alive):
    heartbeat.beat(at=NOON - timedelta(days=1))
    heartbeat.beat(at=NOON)

    pulse = heartbeat.pulse(at=NOON + silence)

    assert pulse.beaten_at == NOON
    assert pulse.is_alive is is_alive


@pytest.mark.django_db
def test_the_tracker_is_ready_once_a_worker_did_what_the_schedule_asked(client):
    before = client.get(reverse("health_ready"))
    run_due()
    after = client.get(reverse("health_ready"))

    assert (before.status_code, before.json()["schedule"]) == (503, "failing")
    assert (after.status_code, after.json()["schedule"]) == (200, "ok")


def test_the_month_page_says_when_the_schedule_has_stopped(programme, client_of, pmo_officer):
    month = ReportingMonthFactory(programme=programme)
    browser = client_of(pmo_officer)

    never = browser.get(month.get_absolute_url()).content.decode()
    heartbeat.beat(at=timezone.now() - timedelta(hours=1))
    stopped = browser.get(month.get_absolute_url()).content.decode()
    heartbeat.beat(at=timezone.now())
    running = browser.get(month.get_absolute_url()).content.decode()

    assert "The schedule has stopped" in never
    assert "It has not run yet" in never
    assert "The schedule has stopped" in stopped
    assert "It last ran on" in stopped
    assert "The schedule has stopped" not in running


def parts_of(client):
    answer = client.get(reverse("health_ready"))
    return answer.status_code, {name for name, word in answer.json().items() if word != "ok"}


@pytest.mark.django_db
def test_mail_that_waits_for_more_than_ten_minutes_shows(client, programme, pmo_officer):
    heartbeat.beat(at=timezone.now())
    notice = Notice.objects.create(
        programme=programme,
        user=pmo_officer,
        email=pmo_officer.email,
        message_id="<1>",
        day=programme.today(),
        subject="Due",
        queued_at=timezone.now() - timedelta(minutes=9),
        next_attempt_at=timezone.now() + timedelta(hours=1),
    )

    fresh = parts_of(client)
    Notice.objects.update(queued_at=timezone.now() - timedelta(minutes=11))
    late = parts_of(client)
    Notice.objects.filter(pk=notice.pk).update(state=DeliveryState.FAILED)
    given_up = parts_of(client)

    assert fresh == given_up == (200, set())
    assert late == (503, {"mail"})


@pytest.mark.django_db
def test_a_migration_that_is_not_applied_shows(client):
    heartbeat.beat(at=timezone.now())
    MigrationRecorder.Migration.objects.filter(app="reports").latest("pk").delete()

    assert parts_of(client) == (503, {"migrations"})


@pytest.mark.django_db
def test_without_a_database_it_says_so_and_the_web_process_still_lives(client):
    def down(*_):
        raise OperationalError("server closed the connection")

    with connection.execute_wrapper(down):
        ready, live = parts_of(client), client.get(reverse("health_live"))

    assert ready[0] == 503
    assert "schedule" in ready[1]
    assert live.status_code == 200


@pytest.mark.django_db
def test_a_run_that_fails_for_one_programme_serves_the_others_and_does_not_beat(
    programme, milestone, audiences
):
    broken = ProgrammeFactory(slug="aaa", name="Broken", demonstration_date=date(2016, 3, 14))
    Programme.objects.filter(pk=broken.pk).update(updates_due_working_day=9, elt_working_day=2)

    with pytest.raises(ValueError, match="must be in order"):
        run_due()

    assert programme.months.count() == 1
    assert not Heartbeat.objects.exists()
