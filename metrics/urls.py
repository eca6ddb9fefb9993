from django.urls import include, path

from metrics import views, views_process, views_trajectory

app_name = "metrics"

# A reference holds letters, digits and hyphens; anything else is no page of ours.
urlpatterns = [
    path("", views.indicator_list, name="indicator_list"),
    # Before the references: none of them is the word "import".
    path("", include("metrics.urls_values")),
    path("<slug:reference>/", views.indicator_detail, name="indicator_detail"),
    path("<slug:reference>/record/", views.measurement_record, name="measurement_record"),
    path("<slug:reference>/trajectory/", views_trajectory.trajectory_edit, name="trajectory_edit"),
    path(
        "<slug:reference>/trajectory/baseline/",
        views_trajectory.trajectory_baseline,
        name="trajectory_baseline",
    ),
    path("<slug:reference>/settings/", views_process.indicator_edit, name="indicator_edit"),
    path("<slug:reference>/rebase/", views_process.rebase_create, name="rebase_create"),
    path(
        "<slug:reference>/rebase/<int:pk>/remove/",
        views_process.rebase_remove,
        name="rebase_remove",
    ),
    path("<slug:reference>/annotate/", views_process.annotation_create, name="annotation_create"),
    path(
        "<slug:reference>/annotate/<int:pk>/remove/",
        views_process.annotation_remove,
        name="annotation_remove",
    ),
]
