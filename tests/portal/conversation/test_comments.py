"""Comments, questions and answers: seen by who sees the document, kept, and told in the trail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from tests.portal import papers
from tests.portal.world import World

from fatto.portal.conversation import actions, people, queries
from fatto.portal.conversation.models import Comment
from fatto.portal.documents.models import Document
from fatto.portal.flow import decide
from fatto.portal.tenancy import trail
from fatto.portal.tenancy.action import NotAllowed
from fatto.portal.tenancy.scope import scope


@pytest.fixture
def document(world: World) -> Document:
    world.hand_in(world.at_firm("anna", "bianchi"), "a.xml", papers.fatturapa("FT 12/A"))
    return world.document(world.at_company("maria", "rossi"), number="FT 12/A")


@pytest.fixture
def hidden(world: World) -> Document:
    """Behind the hard gate of Brutăria, where Mihai has not approved yet."""
    mihai = world.at_company("mihai", "brutaria")
    world.hand_in(mihai, "a.xml", papers.ubl("F-1"))
    return world.document(mihai, number="F-1")


def deeds(world: World, document: Document) -> list[tuple[str, dict]]:
    with scope(world.at_company("maria", "rossi")):
        return [(each.verb, each.data) for each in trail.of_document(document.company_id, document.pk)]


def test_a_question_is_open_until_somebody_of_the_side_asked_answers(world: World, document: Document):
    paolo, maria = world.at_company("paolo", "rossi"), world.at_company("maria", "rossi")
    with scope(paolo):
        question = actions.ask(paolo, document, text="Per quale reparto?", to="company")
        assert document.question
    anna = world.at_company("anna", "rossi")
    with scope(anna), pytest.raises(actions.NotAsked):
        actions.answer(anna, document, question=question, text="No idea")
    found = world.document(maria, pk=document.pk)
    assert (found.question, found.comments) == (True, 1)
    with scope(maria):
        assert [each.pk for each in queries.open_questions(found)] == [question.pk]
        answer = actions.answer(maria, found, question=question, text="Il forno")
    found = world.document(maria, pk=document.pk)
    assert (found.question, found.comments) == (False, 2)
    asked, answered = deeds(world, document)[-2:]
    members = [world.people["maria"].pk]
    assert asked == ("question-asked", {"comment": question.pk, "to": "company", "members": members})
    assert answered == ("question-answered", {"comment": answer.pk})
    with scope(maria), pytest.raises(actions.AlreadyAnswered):
        actions.answer(maria, found, question=question, text="Again")


def test_a_question_of_the_company_goes_to_who_books_for_it(world: World, document: Document):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        assert actions.ask(maria, document, text="?1", to="firm").asked == [world.people["paolo"].pk]
        picked = actions.ask(maria, document, text="?2", to="firm", members=[world.people["anna"].pk])
        assert picked.asked == [world.people["anna"].pk]
        named = actions.ask(maria, document, text="@Anna, e questa?", to="firm")
        assert named.asked == [world.people["anna"].pk]
        nobody_else = actions.ask(maria, document, text="?3", to="firm", members=[world.people["luca"].pk])
        assert nobody_else.asked == [world.people["paolo"].pk], "a stranger is not asked"


def test_the_same_sending_twice_is_one_comment(world: World, document: Document):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        first = actions.comment(maria, document, text="Pagata.", once="abc")
        assert actions.comment(maria, document, text="Pagata.", once="abc").pk == first.pk
        assert actions.comment(maria, document, text="Pagata.", once="abd").pk != first.pk
    assert world.document(maria, pk=document.pk).comments == 2
    assert [verb for verb, _ in deeds(world, document)] == ["arrived", "commented", "commented"]


@pytest.mark.parametrize(("text", "trouble"), [(" \n\u200b ", actions.TextMissing), ("x" * 4001, actions.TextTooLong)])
def test_a_comment_says_something_and_not_too_much(world: World, document: Document, text: str, trouble: type):
    maria = world.at_company("maria", "rossi")
    with scope(maria), pytest.raises(trouble):
        actions.comment(maria, document, text=text)


def test_what_steers_or_turns_a_line_around_is_left_out():
    assert actions.cleaned("a\x00\x1b[31mb\u202ec\r\nd\te") == "a[31mbc\nd\te"


def test_people_are_named_by_their_whole_name_in_any_case_and_others_are_not(world: World, document: Document):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        said = actions.comment(maria, document, text="@paolo, @SARA: chiedete a @Luca, @Paolona, x@anna e @Maria")
    assert said.mentions == sorted([world.people["paolo"].pk, world.people["sara"].pk])
    assert deeds(world, document)[-1] == ("commented", {"comment": said.pk, "mentions": said.mentions})


def test_the_longer_of_two_names_is_meant(world: World):
    def person(member: int, name: str) -> people.Person:
        return people.Person(member=member, name=name, side="company", role="owner")

    around = [person(1, "Ana"), person(2, "Ana Ionescu"), person(3, "Ștefan Țepeș")]
    assert people.mentioned("@ana ionescu și @Stefan Tepes", around) == [2, 3]
    assert people.mentioned("@Ana Ionescu, @Ana", around) == [1, 2]


def test_only_people_who_see_the_document_can_be_named(world: World, document: Document, hidden: Document):
    names = {}
    for who, where, what in (("maria", "rossi", document), ("mihai", "brutaria", hidden)):
        with scope(world.at_company(who, where)):
            names[who] = [person.name for person in people.of(what)]
    # Elena sees only what she brought in; Luca and Ioana have no business at Rossi.
    assert names["maria"] == ["Anna", "Maria", "Paolo", "Sara"]
    assert names["mihai"] == ["Mihai"], "behind a closed gate the firm is not there"
    elena = world.at_company("elena", "rossi")
    world.hand_in(elena, "b.xml", papers.fatturapa("FT 13"))
    own = world.document(elena, number="FT 13")
    with scope(elena):
        assert "Elena" in [person.name for person in people.of(own)]


def test_behind_a_closed_gate_the_firm_is_not_asked_and_reads_nothing(world: World, hidden: Document):
    mihai, ioana = world.at_company("mihai", "brutaria"), world.at_firm("ioana", "dunarea")
    with scope(mihai):
        with pytest.raises(actions.FirmCannotSee):
            actions.ask(mihai, hidden, text="?", to="firm")
        actions.comment(mihai, hidden, text="Numai pentru noi")
    with scope(ioana):
        assert not Comment.objects.exists()
    with scope(mihai):
        decide.approve(mihai, hidden)
    with scope(ioana):
        assert Comment.objects.get().text == "Numai pentru noi"


def test_an_employee_reads_what_is_said_of_his_own_papers_only(world: World, document: Document):
    elena, maria = world.at_company("elena", "rossi"), world.at_company("maria", "rossi")
    world.hand_in(elena, "b.xml", papers.fatturapa("FT 13"))
    own = world.document(elena, number="FT 13")
    with scope(maria):
        actions.comment(maria, document, text="Not for her")
        actions.comment(maria, own, text="For her")
    with scope(elena):
        assert [each.text for each in Comment.objects.all()] == ["For her"]
        with connection.cursor() as cursor:
            cursor.execute("select text from conversation_comment")
            assert cursor.fetchall() == [("For her",)], "the database says so too"
    with scope(world.at_company("luca", "verdi")):
        assert not Comment.objects.exists()


def test_an_auditor_reads_and_says_nothing(world: World, document: Document):
    sara = world.at_company("sara", "rossi")
    with scope(sara), pytest.raises(NotAllowed):
        actions.comment(sara, document, text="!")


def test_a_comment_is_withdrawn_by_its_author_within_ten_minutes(world: World, document: Document):
    maria, anna = world.at_company("maria", "rossi"), world.at_company("anna", "rossi")
    with scope(maria):
        said = actions.comment(maria, document, text="Oops")
        old = actions.comment(maria, document, text="Old", at=timezone.now() - timedelta(minutes=11))
        with pytest.raises(actions.TooLate):
            actions.withdraw(maria, document, comment=old)
    with scope(anna), pytest.raises(actions.TooLate):
        actions.withdraw(anna, document, comment=said)
    with scope(maria):
        actions.withdraw(maria, document, comment=said)
        assert [(each.text, bool(each.withdrawn_at)) for each in queries.comments(document)] == [
            ("", True),
            ("Old", False),
        ]
    assert world.document(maria, pk=document.pk).comments == 1


def test_an_answer_that_is_withdrawn_opens_the_question_again(world: World, document: Document):
    maria, paolo = world.at_company("maria", "rossi"), world.at_company("paolo", "rossi")
    with scope(paolo):
        question = actions.ask(paolo, document, text="?", to="company")
    with scope(maria):
        answer = actions.answer(maria, document, question=question, text="Sì")
        actions.withdraw(maria, document, comment=answer)
        assert document.question
        actions.answer(maria, document, question=question, text="No")
        assert not document.question


@pytest.mark.parametrize(
    "sql",
    [
        "update conversation_comment set text = 'x'",
        "update conversation_comment set by_name = 'x'",
        "delete from conversation_comment",
    ],
)
def test_comments_are_neither_changed_nor_removed(world: World, document: Document, sql: str):
    maria = world.at_company("maria", "rossi")
    with scope(maria):
        actions.comment(maria, document, text="Kept")
        with pytest.raises(DatabaseError, match="are never"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_two_documents_are_put_together_and_taken_apart(world: World, document: Document):
    maria, luca = world.at_company("maria", "rossi"), world.at_company("luca", "verdi")
    world.hand_in(maria, "b.xml", papers.fatturapa("FT 13"))
    other = world.document(maria, number="FT 13")
    with scope(maria):
        actions.relate(maria, other, other=document)
        actions.relate(maria, document, other=other)
        assert [each.pk for each in queries.by_hand(document)] == [other.pk]
        assert [each.pk for each in queries.by_hand(other)] == [document.pk]
    with scope(luca):
        assert queries.by_hand(document) == []
    with scope(maria):
        actions.unrelate(maria, document, other=other)
        assert queries.by_hand(document) == []
    assert [verb for verb, _ in deeds(world, document)][-2:] == ["related", "unrelated"]
