"""How a firm looks: drafts are its own, what is published is everybody's."""

from __future__ import annotations

import pytest
from tests.portal.tenancy.test_pictures import picture
from tests.portal.world import World

from fatto.portal.tenancy import brands
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.models import Brand, Deed, Picture
from fatto.portal.tenancy.scope import scope


def test_a_draft_is_seen_by_nobody_else_and_what_is_published_by_everybody(world: World):
    bianchi, anna, ioana = world.firms["bianchi"], world.at_firm("anna", "bianchi"), world.at_firm("ioana", "dunarea")
    with scope(anna):
        brands.save(anna, name="Bianchi", accent="#8a1538", logo=picture())
    assert not brands.of(bianchi).branded
    assert not Brand.objects.exists(), "outside the firm's scope there is no draft"
    assert not Picture.objects.exists()
    with scope(ioana):
        assert not Brand.objects.exists()
    with scope(anna):
        brands.publish(anna)
    look = brands.of(bianchi)
    assert (look.branded, look.name, look.accent) == (True, "Bianchi", "#8a1538")
    assert brands.picture(look, "logo") is not None
    assert brands.published("studio-bianchi") == look
    assert brands.published("contabil-dunarea") is None


def test_one_step_back_and_forth_again(world: World):
    bianchi, anna = world.firms["bianchi"], world.at_firm("anna", "bianchi")
    with scope(anna):
        for accent in ("#8a1538", "#1f5fbf"):
            brands.save(anna, name="", accent=accent)
            brands.publish(anna)
        brands.go_back(anna)
        assert brands.of(bianchi).accent == "#8a1538"
        brands.go_back(anna)
        assert brands.of(bianchi).accent == "#1f5fbf"
        assert [deed.verb for deed in Deed.objects.filter(verb__startswith="brand").order_by("id")] == [
            "brand-published",
            "brand-published",
            "brand-taken-back",
            "brand-taken-back",
        ]


def test_the_first_one_can_be_taken_back_to_the_houses_own(world: World):
    bianchi, anna = world.firms["bianchi"], world.at_firm("anna", "bianchi")
    with scope(anna):
        with pytest.raises(brands.NothingBefore):
            brands.go_back(anna)
        with pytest.raises(brands.NothingToPublish):
            brands.publish(anna)
        brands.save(anna, name="", accent="#8a1538")
        brands.publish(anna)
        brands.go_back(anna)
        assert not brands.of(bianchi).branded
        brands.go_back(anna)
        assert brands.of(bianchi).accent == "#8a1538"


def test_a_pale_accent_is_refused_with_one_that_does(world: World):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna), pytest.raises(brands.Unreadable) as refusal:
        brands.save(anna, name="", accent="#ffd400")
    assert refusal.value.verdict.nearest in str(refusal.value.message)


def test_pictures_that_nobody_shows_any_more_are_gone(world: World):
    anna = world.at_firm("anna", "bianchi")
    with scope(anna):
        brands.save(anna, name="", accent="#8a1538", logo=picture())
        brands.save(anna, name="", accent="#8a1538", logo=picture(200, 200))
        assert Picture.objects.count() == 1
        brands.save(anna, name="", accent="#8a1538", without=("logo",))
        assert Picture.objects.count() == 0


def test_an_accountant_does_not_change_how_the_firm_looks(world: World):
    paolo = world.at_firm("paolo", "bianchi")
    with scope(paolo), pytest.raises(NotAllowed):
        brands.save(paolo, name="", accent="#8a1538")


def test_every_change_has_another_code(world: World):
    bianchi, anna = world.firms["bianchi"], world.at_firm("anna", "bianchi")
    codes = {brands.of(bianchi).code}
    with scope(anna):
        for accent in ("#8a1538", "#1f5fbf"):
            brands.save(anna, name="", accent=accent)
            brands.publish(anna)
            codes.add(brands.of(bianchi).code)
    assert len(codes) == 3
