from django.urls import URLPattern, URLResolver, include, path

from milestones import timeline_view, urls_plan, urls_register, views, views_evidence

app_name = "milestones"
# A reference holds letters, digits and hyphens; anything else is no page of ours.
register: list[URLPattern | URLResolver] = [
    *urls_register.pages,
    *urls_plan.pages,
    path("<slug:reference>/", views.milestone_detail, name="milestone_detail"),
    path("<slug:reference>/update/", views.milestone_update, name="milestone_update"),
    path("<slug:reference>/baseline/", views.milestone_baseline, name="milestone_baseline"),
    path("<slug:reference>/edit/", views.milestone_edit, name="milestone_edit"),
    path("<slug:reference>/evidence/", views_evidence.evidence_add, name="evidence_add"),
    path(
        "<slug:reference>/evidence/<int:pk>/",
        views_evidence.evidence_download,
        name="evidence_download",
    ),
    path(
        "<slug:reference>/evidence/<int:pk>/remove/",
        views_evidence.evidence_remove,
        name="evidence_remove",
    ),
    path("<slug:reference>/assurance/", views_evidence.milestone_assure, name="milestone_assure"),
]
urlpatterns = [
    path("milestones/", include(register)),
    path("timeline/", timeline_view.timeline, name="timeline"),
]
