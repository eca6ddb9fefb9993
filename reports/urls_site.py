from django.urls import path

from reports.views import home, pack_links, site

# The pages that belong to no programme.
urlpatterns = [
    path("", home.home, name="home"),
    # No programme can be called "media", so this address can hide none of its pages.
    path("media/packs/<str:token>/", pack_links.pack_link, name="pack_link"),
    path("health/live/", site.health_live, name="health_live"),
    path("health/ready/", site.health_ready, name="health_ready"),
]
