"""All pages. The conversation API is mounted beside Django in config.asgi."""

from django.contrib import admin
from django.urls import include, path

admin.site.site_header = "Parley back office"
admin.site.site_title = "Parley"
admin.site.index_title = "Back office"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("bots.api.urls")),
    path("", include("credentials.urls")),
    path("", include("integrations.urls")),
    path("", include("bots.urls")),
]
