from django.urls import path, re_path

from metrics import views_grid, views_import

urlpatterns = [
    path("import/", views_import.value_import, name="value_import"),
    path("import/<int:pk>/", views_import.value_import_confirm, name="value_import_confirm"),
    re_path(
        r"^download/(?P<sheet>values|template)\.(?P<ending>csv|xlsx)$",
        views_import.value_download,
        name="value_download",
    ),
    path("work-streams/<slug:code>/values/", views_grid.value_grid, name="value_grid"),
]
