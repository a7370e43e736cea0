"""The sheet that says that nothing is missing: what the authority listed in a month, and that all of it is held."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from fatto import countries, i18n
from fatto.portal.exchange import services
from fatto.portal.exchange.queries import Month
from fatto.portal.flow import letterhead
from fatto.render import letter
from fatto.render.letter import Letter, Part


def pdf(month: Month, language: str) -> bytes:
    """The sheet of a month in which nothing is missing, as PDF. Inside a scope."""
    return letter.pdf(compose(month, language))


def compose(month: Month, language: str) -> Letter:
    """What it says. Only of a month that is complete: of another it would not be true."""
    if not month.complete:
        raise ValueError("something is missing in this month, or may be")
    company = month.box.company
    zone = ZoneInfo(countries.find(company.country).time_zone)
    with translation.override(language), timezone.override(zone):
        name = i18n.translate(services.find(month.box.channel).name, language)
        looked = max(each.looked_at for each in month.days if each.looked_at is not None)
        facts = (
            (_("Company"), f"{company.name} · {company.vat_id or company.tax_id}"),
            (_("Authority"), name),
            (_("Month"), f"{month.first:%m.%Y}"),
            (_("Messages that the authority listed"), str(month.listed)),
            (_("Messages that are held here"), str(month.held)),
            *(((_("Of these, kept and not filed yet"), str(month.parked)),) if month.parked else ()),
            (_("Last compared with the authority’s list"), _moment(looked, language)),
        )
        rows = tuple(
            (i18n.day(each.date, language), str(each.listed), str(each.held), _("nothing missing"))
            for each in month.days
        )
        return Letter(
            title=_("Nothing is missing"),
            lead=_("Everything that the authority listed for this company in this month is here, kept as it came."),
            parts=(
                Part(title=_("In short"), rows=facts),
                Part(
                    title=_("Day by day"),
                    columns=(_("Day"), _("Listed"), _("Held"), _("Result")),
                    rows=rows,
                    head=True,
                ),
            ),
            footer=_("Times are in %(zone)s.") % {"zone": timezone.get_current_timezone_name()},
            lang=language,
            head=letterhead.of(company.firm),
            at=looked,
        )


def _moment(at: datetime, language: str) -> str:
    local = timezone.localtime(at)
    return f"{i18n.day(local.date(), language)} {local:%H:%M}"
