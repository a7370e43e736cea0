"""How a firm looks: what is published, what is being prepared, and changing it.

    save(actor, name=…, accent=…)      the draft
    publish(actor)                     the draft becomes what everybody sees
    go_back(actor)                     what was published before is published again, and the other way round

Everybody may see what is published, before any scope; the rest exists in the firm's own scope alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from fatto.portal.tenancy import contrast, pictures, trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Brand, Firm, Picture
from fatto.portal.tenancy.permissions import Can

ACCENT = "#0b6b50"
"""Of whoever has chosen none."""
_SHORT = 12
"""Letters that stand under an icon on a home screen."""


class Unreadable(Refusal):
    """The accent has too little contrast. `verdict` has what would do."""

    status = 422

    def __init__(self, verdict: contrast.Verdict) -> None:
        self.verdict = verdict
        super().__init__(
            _(
                "%(colour)s is too light to be read: its contrast is %(contrast)s to 1, and text needs 4.5 to 1. "
                "The nearest colour that does is %(nearest)s."
            )
            % {"colour": verdict.colour, "contrast": f"{verdict.contrast:.1f}", "nearest": verdict.nearest}
        )


class NothingToPublish(Refusal):
    """No draft."""

    def __init__(self) -> None:
        super().__init__(_("There is no draft. Change something first."))


class NothingBefore(Refusal):
    """Never published."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing to go back to."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A firm's looks, worked out. `branded` says that the firm published them; else they are the house's own.

    `code` stands in addresses: it is another one with every change, and nobody can guess it.
    """

    firm_id: int
    slug: str
    name: str
    accent: str
    logo: Picture | None = None
    cover: Picture | None = None
    branded: bool = False

    @property
    def short(self) -> str:
        """What stands under an icon."""
        if len(self.name) <= _SHORT:
            return self.name
        words, short = self.name.split(), ""
        for word in words:
            if len(f"{short} {word}".strip()) > _SHORT:
                break
            short = f"{short} {word}".strip()
        return short or self.name[:_SHORT]

    @property
    def on_accent(self) -> str:
        return contrast.text_on(self.accent)

    @property
    def dark(self) -> str:
        """The accent on dark pages."""
        return contrast.for_dark(self.accent)

    @property
    def on_dark(self) -> str:
        return contrast.text_on(self.dark)

    @property
    def code(self) -> str:
        parts = (
            self.firm_id,
            self.name,
            self.accent,
            self.logo.sha256 if self.logo else "",
            self.cover.sha256 if self.cover else "",
        )
        return salted_hmac("fatto.brand", "|".join(map(str, parts)), algorithm="sha256").hexdigest()[:20]


def of(firm: Firm) -> Look:
    """What everybody sees of a firm; the pictures' bytes are not loaded."""
    rows = Brand.objects.filter(firm=firm, state=Brand.State.PUBLISHED)
    brand = rows.select_related("logo", "cover").defer("logo__data", "cover__data").first()
    return look(firm, brand)


def published(slug: str) -> Look | None:
    """The looks of the firm with this address, if it published any: for whoever is not logged in yet."""
    firm = Firm.objects.filter(slug=slug).first()
    found = of(firm) if firm is not None else None
    return found if found is not None and found.branded else None


def look(firm: Firm, brand: Brand | None) -> Look:
    """What a brand comes to."""
    return Look(
        firm_id=firm.pk,
        slug=firm.slug,
        name=(brand.name if brand else "") or firm.name,
        accent=brand.accent if brand else ACCENT,
        logo=brand.logo if brand else None,
        cover=brand.cover if brand else None,
        branded=brand is not None and brand.state == Brand.State.PUBLISHED,
    )


def every(actor: Actor) -> dict[str, Brand]:
    """The firm's brands by their states. In the firm's scope."""
    rows = Brand.objects.filter(firm=actor.firm).select_related("logo", "cover")
    return {brand.state: brand for brand in rows.defer("logo__data", "cover__data")}


@action(Can.FIRM_MANAGE)
def save(
    actor: Actor,
    *,
    name: str,
    accent: str,
    logo: bytes | None = None,
    cover: bytes | None = None,
    without: tuple[str, ...] = (),
) -> Brand:
    """Keep a draft. It begins with what is published.

    Args:
        logo, cover: the bytes of new pictures; None leaves the old ones.
        without: `logo` or `cover`, to go without that picture.

    Raises:
        Unreadable: too little contrast.
        pictures.Unfit: a picture cannot be used.
    """
    colour = contrast.parse(accent)
    if colour is None:
        raise Refusal(_("Write the colour as six digits and letters, such as #0b6b50."))
    verdict = contrast.judge(colour)
    if not verdict.fits:
        raise Unreadable(verdict)
    found = every(actor)
    base = found.get(Brand.State.DRAFT) or found.get(Brand.State.PUBLISHED)
    kept = {use: getattr(base, use) if base is not None else None for use in pictures.Use}
    for use, data in ((pictures.Use.LOGO, logo), (pictures.Use.COVER, cover)):
        if data is not None:
            kept[use] = _keep(actor.firm, pictures.make(data, use))
        elif use in without:
            kept[use] = None
    brand, _made = Brand.objects.update_or_create(
        firm=actor.firm,
        state=Brand.State.DRAFT,
        defaults={"name": " ".join(name.split()), "accent": colour} | {str(use): row for use, row in kept.items()},
    )
    _tidy(actor.firm)
    return brand


@action(Can.FIRM_MANAGE)
def publish(actor: Actor) -> Brand:
    """Show the draft to everybody.

    Raises:
        NothingToPublish
    """
    found = _held(actor)
    draft = found.get(Brand.State.DRAFT)
    if draft is None:
        raise NothingToPublish
    if before := found.get(Brand.State.BEFORE):
        before.delete()
    if shown := found.get(Brand.State.PUBLISHED):
        _move(shown, Brand.State.BEFORE)
    _move(draft, Brand.State.PUBLISHED)
    _tidy(actor.firm)
    trail.record(actor, "brand-published", data={"name": draft.name, "accent": draft.accent, **_hashes(draft)})
    return draft


@action(Can.FIRM_MANAGE)
def go_back(actor: Actor) -> Brand | None:
    """Publish again what was before, and keep what was shown in its place; after a first time, that is the house's own.

    Raises:
        NothingBefore
    """
    found = _held(actor)
    shown, before = found.get(Brand.State.PUBLISHED), found.get(Brand.State.BEFORE)
    if shown is None and before is None:
        raise NothingBefore
    if before is not None:
        before.delete()  # its place is free for the other; it is written anew below
    if shown is not None:
        _move(shown, Brand.State.BEFORE)
    if before is not None:
        before.pk, before.state = None, Brand.State.PUBLISHED
        before.save(force_insert=True)
    data = {"name": before.name, "accent": before.accent, **_hashes(before)} if before is not None else {}
    trail.record(actor, "brand-taken-back", data=data)
    return before


@action(Can.FIRM_MANAGE)
def discard(actor: Actor) -> None:
    """Drop the draft."""
    Brand.objects.filter(firm=actor.firm, state=Brand.State.DRAFT).delete()
    _tidy(actor.firm)


def picture(look: Look, use: str) -> bytes | None:
    """The bytes of a picture of some looks, as far as they may be seen from here."""
    row: Picture | None = getattr(look, use)
    if row is None:
        return None
    found = Picture.objects.filter(pk=row.pk).values_list("data", flat=True).first()
    return bytes(found) if found is not None else None


def _held(actor: Actor) -> dict[str, Brand]:
    """The firm's brands, as they stay until the transaction ends: two who publish at once wait for one another."""
    Firm.objects.select_for_update(no_key=True).get(pk=actor.firm.pk)
    return every(actor)


def _move(brand: Brand, state: str) -> None:
    brand.state = state
    brand.save(update_fields=["state"])


def _keep(firm: Firm, made: pictures.Made) -> Picture:
    row, _made = Picture.objects.get_or_create(
        firm=firm,
        sha256=made.sha256,
        defaults={"media": made.media, "width": made.width, "height": made.height, "data": made.data},
    )
    return row


def _tidy(firm: Firm) -> None:
    """Drop pictures that no brand shows any more."""
    used = {pk for row in Brand.objects.filter(firm=firm).values_list("logo", "cover") for pk in row if pk}
    Picture.objects.filter(firm=firm).exclude(pk__in=used).delete()


def _hashes(brand: Brand) -> dict[str, str]:
    return {use: row.sha256 for use in pictures.Use if (row := getattr(brand, use)) is not None}
