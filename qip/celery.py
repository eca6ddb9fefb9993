import os
from pathlib import Path

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qip.settings")

app = Celery("qip")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The database remembers all work; the broker is only a doorbell. So one short job, run often,
# asks the database what is owed and nothing depends on a moment that could be missed.
app.conf.update(
    beat_schedule={
        "run-due": {
            "task": "reports.tasks.run_due",
            "schedule": 15.0,
            # A late doorbell is worthless: the next one asks the same question.
            "options": {"expires": 14.0},
        }
    },
    beat_schedule_filename=str(settings.VAR_DIR / "beat-schedule"),
    task_ignore_result=True,
    task_acks_late=True,
    task_soft_time_limit=300,
    task_time_limit=330,
    # Any number: one whose end the broker could not be told would else count for ever, and the
    # worker ask for no more.
    worker_prefetch_multiplier=0,
    # What is being sent or typeset goes on while it is away, and it is waited for, however long.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
)

if app.conf.broker_url == "filesystem://":
    queue: Path = settings.VAR_DIR / "queue"
    (queue / "control").mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": str(queue),
        "data_folder_out": str(queue),
        "control_folder": str(queue / "control"),
        "polling_interval": 0.2,
    }
else:
    app.conf.broker_transport_options = {
        "visibility_timeout": 600,
        # One that no longer answers, and whose connection nobody ended, is left for a new one.
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "health_check_interval": 5,
    }
