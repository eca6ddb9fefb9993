from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import AuditEntry
from reports.due import run_due
from reports.models import Delivery, Snapshot
from reports.months import sign_off_month
from reports.tasks import run_due as run_due_task
from workstreams.models import MonthState

pytestmark = pytest.mark.django_db


def packs_sent():
    """How many packs went out; digests have no attachment."""
    return sum(bool(message.attachments) for message in mail.outbox)


def set_today(programme, day):
    programme.demonstration_date = day
    programme.save(update_fields=["demonstration_date"])


def test_the_schedule_opens_the_month_and_freezes_it_on_its_day(programme, milestone, audiences):
    run_due()
    opened = [(str(row), row.state) for row in programme.months.order_by("month")]
    set_today(programme, date(2016, 4, 7))  # the fifth working day
    run_due()
    frozen = [(str(row), row.state) for row in programme.months.order_by("month")]

    assert opened == [("2016-03", MonthState.OPEN)]
    assert frozen == [("2016-03", MonthState.FROZEN), ("2016-04", MonthState.OPEN)]
    assert Snapshot.objects.get().as_of_date == date(2016, 3, 31)


def test_running_again_does_nothing_twice(programme, milestone, audiences):
    set_today(programme, date(2016, 3, 14))
    run_due()
    set_today(programme, date(2016, 4, 7))
    run_due()
    sent = packs_sent()

    second = run_due()
    run_due_task()

    assert second.steps == []
    assert second.packs == []
    assert packs_sent() == sent == 1
    assert Snapshot.objects.count() == 1


def test_a_signed_off_month_is_issued_on_its_day_and_not_before(
    programme, milestone, audiences, elt_member
):
    run_due()
    set_today(programme, date(2016, 4, 15))
    run_due()
    sign_off_month(month_id=programme.months.get(month=date(2016, 3, 1)).pk, by=elt_member)
    run_due()
    before = Delivery.objects.filter(email="cqrg@las.example").count()
    set_today(programme, date(2016, 4, 18))  # the twelfth working day
    run_due()

    assert before == 0
    assert Delivery.objects.filter(email="cqrg@las.example").count() == 1


def test_months_missed_by_an_outage_are_caught_up_once(programme, milestone, audiences):
    run_due()
    set_today(programme, date(2016, 6, 10))

    caught_up = run_due().steps
    run_due()

    states = [(str(row), row.state) for row in programme.months.order_by("month")]
    assert states == [
        ("2016-03", MonthState.FROZEN),
        ("2016-04", MonthState.FROZEN),
        ("2016-05", MonthState.FROZEN),
        ("2016-06", MonthState.OPEN),
    ]
    assert Snapshot.objects.count() == 3
    assert [step for step in caught_up if " las-2016 " in step] == [
        "open las-2016 2016-04, due 2016-04-01",
        "freeze las-2016 2016-03, due 2016-04-07",
        "open las-2016 2016-05, due 2016-05-01",
        "freeze las-2016 2016-04, due 2016-05-09",
        "open las-2016 2016-06, due 2016-06-01",
        "freeze las-2016 2016-05, due 2016-06-07",
    ]


def test_run_month_twice_gives_the_same_hashes_and_no_second_message(
    programme, milestone, audiences, capsys
):
    def run():
        call_command("run_month", "--programme", "las-2016", "--month", "2016-03")
        return [line for line in capsys.readouterr().out.splitlines() if ".pdf " in line]

    first, second = run(), run()

    assert len(first) == 2
    assert first == second
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--programme", "las-2017", "--month", "2016-03"], "There is: las-2016"),
        (["--programme", "las-2016", "--month", "2016-13"], "write it as 2016-11"),
        (["--programme", "las-2016", "--month", "2016-04"], "has not begun"),
        (
            ["--programme", "las-2016", "--month", "2016-03", "--as-of", "2016-02-01"],
            "lies before the month",
        ),
        (
            ["--programme", "las-2016", "--month", "2016-03", "--as-of", "31 March"],
            "write it as 2016-11-14",
        ),
    ],
)
def test_run_month_says_what_is_wrong(programme, audiences, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("run_month", *arguments)

    assert not Snapshot.objects.exists()


def test_run_due_takes_a_moment_in_london(programme, audiences, capsys):
    programme.demonstration_date = None
    programme.save()

    call_command("run_due", "--now", "2016-03-31T23:30+00:00")

    assert "open las-2016 2016-04" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_schedulers_at_the_same_moment_do_everything_once(programme, milestone, audiences):
    run_due()
    set_today(programme, date(2016, 4, 7))

    def schedule(_):
        try:
            return run_due().steps
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [step for steps in pool.map(schedule, range(4)) for step in steps]

    assert Snapshot.objects.count() == 1
    assert packs_sent() == 1
    assert sum(step.startswith("opened EX") for step in taken) == 0
    assert AuditEntry.objects.filter(action="month.frozen").count() == 1
