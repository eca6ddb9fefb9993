from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from milestones.filters import RegisterFilter
from milestones.models import Milestone
from milestones.register_forms import SaveViewForm
from milestones.saved_views import delete_view, save_view, views_known
from milestones.views_register import list_url
from workstreams.http import ProgrammeRequest
from workstreams.models import Programme


@require_POST
def saved_view_add(request: ProgrammeRequest, programme: Programme) -> HttpResponse:
    """Keep the register as its address (posted as ``query``) has it, under a name."""
    form = SaveViewForm(request.POST, roles=request.roles)
    if form.is_valid():
        data = form.cleaned_data
        # The register's own filter reads it, so that nothing else is ever kept or followed.
        found = RegisterFilter(QueryDict(data["query"]), Milestone.objects.none(), request=request)
        try:
            if not found.is_valid():
                raise ValidationError("The filter holds a value that is none. Put it right first")
            view = save_view(
                programme=programme,
                by=request.user,
                name=data["name"],
                query=found.query(),
                shared_with=data["shared_with"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"The view “{view}” is saved.")
            return redirect(list_url(programme, view.query))
    context = {
        "form": form,
        "breadcrumb": [
            ("Programme", programme.get_absolute_url()),
            ("Milestones", list_url(programme, "")),
        ],
    }
    return TemplateResponse(request, "milestones/saved_view_form.html", context, status=422)


@require_POST
def saved_view_delete(request: ProgrammeRequest, programme: Programme, pk: int) -> HttpResponse:
    """Delete one's own view or, as the PMO, a shared one; another person's is not found."""
    view = get_object_or_404(views_known(programme, user=request.user), pk=pk)
    delete_view(view_id=view.pk, by=request.user)
    messages.success(request, f"The view “{view}” is deleted.")
    return redirect(list_url(programme, view.query))
