from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import AuthenticatedRequest
from reports import heartbeat


@login_not_required
@require_safe
@never_cache
def health_live(request: AuthenticatedRequest) -> HttpResponse:
    """Answer that the web process lives, without asking anything else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def health_ready(request: AuthenticatedRequest) -> JsonResponse:
    """Answer whether the tracker works: database, its tables, scheduler and worker, its mail."""
    parts = {"database": False, "migrations": False, "schedule": False, "mail": False}
    try:
        executor = MigrationExecutor(connection)
        parts["database"] = True
        parts["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        parts["schedule"] = heartbeat.pulse(at=timezone.now()).is_alive
        parts["mail"] = heartbeat.is_mail_moving(at=timezone.now())
    except DatabaseError:
        pass
    words = {name: "ok" if fine else "failing" for name, fine in parts.items()}
    return JsonResponse(words, status=200 if all(parts.values()) else 503)
