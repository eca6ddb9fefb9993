from typing import Any

from celery import shared_task
from django.utils import timezone

from reports import due, heartbeat


@shared_task
def run_due(**_: Any) -> None:
    due.run_due()
    heartbeat.beat(at=timezone.now())
