"""Italy."""

from fatto.country import Country

COUNTRY = Country(code="IT", name="Italy", currency="EUR", time_zone="Europe/Rome", languages=("it",), gate="soft")
