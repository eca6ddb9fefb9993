from typing import Any

from celery import shared_task
from celery.signals import task_postrun, task_prerun
from django.utils import timezone

from accounts.request_id import begin
from reports import due, heartbeat


@shared_task
def run_due(**_: Any) -> None:
    due.run_due()
    heartbeat.beat(at=timezone.now())


@task_prerun.connect
def _begin(task_id: str, **_: Any) -> None:
    begin(task_id)


@task_postrun.connect
def _end(**_: Any) -> None:
    begin("")
