from django.urls import include, path

urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("", include("reports.urls_site")),
    path("<slug:programme>/", include("milestones.urls")),
    path("<slug:programme>/indicators/", include("metrics.urls")),
    path("<slug:programme>/", include("governance.urls")),
    path("<slug:programme>/", include("reports.urls")),
]
