from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from governance.models import Meeting
from reports.minutes import file_name, render_minutes
from reports.rendering import RenderFailed
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_safe
def meeting_minutes(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    """The minutes of a meeting that was held, as PDF; a draft until they are closed."""
    meeting = Meeting.objects.filter(programme=programme, pk=pk).with_subject().first()
    if meeting is None or meeting.is_ahead(on=programme.today()):
        raise Http404("There is no such meeting, or it has not been held yet.")
    try:
        pdf = render_minutes(meeting)
    except RenderFailed as failure:
        messages.error(request, str(failure))
        return redirect(meeting)
    name = file_name(meeting)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
