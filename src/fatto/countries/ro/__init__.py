"""Romania."""

from fatto.country import Country

COUNTRY = Country(code="RO", name="Romania", currency="RON", time_zone="Europe/Bucharest", languages=("ro",), gate="hard")
