"""All pages. The conversation API is mounted beside Django in config.asgi."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from bots.forms.accounts import AdminLogInForm

handler500 = "config.errors.server_error"

admin.site.site_header = "Parley back office"
admin.site.site_title = "Parley"
admin.site.index_title = "Back office"
admin.site.login_form = AdminLogInForm

urlpatterns = [
    path("admin/password_change/", RedirectView.as_view(pattern_name="password_change")),  # one page, one limit
    path("admin/", admin.site.urls),
    path("api/v1/", include("bots.api.urls")),
    path("", include("credentials.urls")),
    path("", include("integrations.urls")),
    path("", include("bots.urls")),
]
