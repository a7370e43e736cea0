"""Addresses of notices: the bell, how one is told, devices, and the links of mails."""

from __future__ import annotations

from django.urls import path

from fatto.portal.web.views import decide_link, notices

_N = "n/<str:token>/"

urlpatterns = [
    path("me/notices/", notices.page, name="notices"),
    path("me/notices/read/", notices.read_all, name="notices-read"),
    path("me/notices/<int:pk>/", notices.show, name="notice"),
    path("me/notices/settings/", notices.settings, name="notice-settings"),
    path("me/devices/", notices.add_device, name="device-add"),
    path("me/devices/<int:pk>/remove/", notices.remove_device, name="device-remove"),
    path("notices/off/<str:token>/", notices.digest_off, name="digest-off"),
    path(_N, decide_link.ask, name="notice-link"),
    path(f"{_N}sheet/", decide_link.sheet, name="notice-link-sheet"),
    path(f"{_N}dispute/", decide_link.dispute, name="notice-link-dispute"),
]
