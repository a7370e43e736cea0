"""Fills a database with companies × documents, by SQL and past row security, from a few hundred real readings.

Each document is a copy of a reading that the portal itself made, with company, number, date, amount and states
of its own; its words are found by search as those of a real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench import portal
from fatto.portal.demo import bulk

if TYPE_CHECKING:
    import psycopg

    from fatto.portal.tenancy.models import Company, Firm, Member

TEMPLATES = 200
SMALL_FIRM = 50
"""Companies of each firm but the first, which has half of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    firm: Firm
    owner: Member
    company: Company
    """One of the big firm's, with a member of its own."""
    boss: Member
    documents: int


def fill(companies: int, documents: int) -> Crowd:
    """So many companies with so many documents each; half of the companies in one firm."""
    owner = portal.member("big@bench.example", "Big Owner")
    big = portal.open_firm("Big", owner)
    first = portal.open_company(big, owner, "IT", 0)
    boss = portal.member("boss@bench.example", "Company Boss")
    _join(big, first, boss)
    _templates(first)
    with portal.superuser() as connection:
        _more_companies(connection, companies, big.pk)
        _documents(connection, documents)
        _judged(connection)
        connection.execute("analyze")
    return Crowd(firm=big, owner=owner, company=first, boss=boss, documents=companies * documents)


def _judged(connection: psycopg.Connection[Any]) -> None:
    """No rules have changed since the documents came: nothing is judged again while others are measured."""
    from fatto.portal.documents import verdicts

    connection.execute(
        """
        insert into documents_recheck
          (firm_id, edition, state, after, upto, total, seen, worse, better, missed, started_at, finished_at)
        select id, %s, 'done', 0, 0, 0, 0, 0, 0, 0, now(), now() from tenancy_firm on conflict do nothing
        """,
        [verdicts.edition()],
    )


def _join(firm: Firm, company: Company, boss: Member) -> None:
    from fatto.portal.tenancy import actions, actor
    from fatto.portal.tenancy.scope import scope

    with scope(actor.system(firm)) as system:
        actions.join_company(system, company, member=boss, role="owner")


def _templates(company: Company) -> None:
    """Real invoices through the real road; they are what all others are copied from."""
    from uuid import uuid4

    from fatto.portal.flow import arrive
    from fatto.portal.tenancy import actor
    from fatto.portal.tenancy.scope import scope

    owner = actor.system(company.firm)
    made = bulk.papers(
        TEMPLATES, mix={"fatturapa": 92, "fatturapa-credit": 8}, buyers={"IT": [bulk.company("IT", 0)]}, lines=(1, 6)
    )
    for paper in made:
        delivery = arrive.receive(owner, paper.name, [paper.data], uuid4())
        arrive.process(company.firm, delivery.pk)
    with scope(owner):
        from fatto.portal.documents.models import Document

        count = Document.objects.count()
        if count != TEMPLATES:
            raise AssertionError(f"{count} of {TEMPLATES} templates arrived")


def _more_companies(connection: psycopg.Connection[Any], companies: int, big: int) -> None:
    firms = -(-(companies - companies // 2) // SMALL_FIRM)
    connection.execute(
        """
        insert into tenancy_firm (name, slug, country, language, naming, hooked, created_at)
        select 'Small ' || n, 'small-' || n, 'IT', 'it', '{issue_date}_{party}_{number}', false, now()
        from generate_series(1, %s) n
        """,
        [firms],
    )
    connection.execute(
        """
        insert into tenancy_company
          (firm_id, name, slug, country, currency, language, vat_id, tax_id, ids, gate, active, created_at)
        select case when n <= %(half)s then %(big)s
                    else (select id from tenancy_firm where slug = 'small-' || ((n - %(half)s - 1) / %(size)s + 1)) end,
               'Azienda ' || n || ' S.r.l.', 'azienda-' || n, 'IT', 'EUR', 'it', '', '', array['N' || n], 'soft',
               true, now()
        from generate_series(2, %(companies)s) n
        """,
        {"half": companies // 2, "big": big, "size": SMALL_FIRM, "companies": companies},
    )


def _documents(connection: psycopg.Connection[Any], documents: int) -> None:
    """Copies of the templates in every company; indexes are made after, which is many times quicker."""
    run = connection.execute
    run("set maintenance_work_mem = '512MB'")
    run("set session_replication_role = replica")  # no triggers, no foreign keys checked one by one
    run("create temp table model as select *, row_number() over (order by id) - 1 as turn from documents_document")
    run("create temp table original as select * from documents_file where id in (select file_id from model)")
    indexes = run(
        """
        select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
        where indrelid = 'documents_document'::regclass and not indisunique
        """
    ).fetchall()
    for name, _ in indexes:
        run(f"drop index {name}")
    run(
        """
        insert into documents_file (firm_id, company_id, sha256, size, created_at)
        select c.firm_id, c.id, o.sha256, o.size, now() from tenancy_company c cross join original o
        where c.id <> o.company_id
        """
    )
    given = {
        "id": None,
        "firm_id": "c.firm_id",
        "company_id": "c.id",
        "file_id": "f.id",
        "identity": "md5(c.id || '/' || n) || md5(n || '-' || c.id)",
        "number": "m.number || '-' || n",
        "number_key": "m.number_key || n",
        "words": "m.words || to_tsvector('simple', "
        "lower(m.number_key) || n || ' nr' || n || ' ref' || (c.id * 1000 + n))",
        "sort_date": "m.sort_date - (n %% 700)",
        "issue_date": "m.issue_date - (n %% 700)",
        "received_at": "m.received_at - make_interval(days => n %% 700)",
        "amount": "round(m.amount * (0.5 + (n %% 97) / 50.0), 2)",
        "direction": "case when n %% 3 = 0 then 'issued' else 'received' end",
        "approval": "case when n %% 3 = 0 then 'not_required' when n %% 29 = 1 then 'to_approve' "
        "when n %% 61 = 2 then 'disputed' else 'approved' end",
        "booking": "case when n %% 29 = 1 or n %% 61 = 2 or n %% 11 = 0 then 'to_book' else 'booked' end",
    }
    columns = [name for (name,) in run(
        "select attname from pg_attribute where attrelid = 'documents_document'::regclass "
        "and attnum > 0 and not attisdropped order by attnum"
    ).fetchall() if name != "id"]  # fmt: skip
    values = ", ".join(given.get(name) or f"m.{name}" for name in columns)
    present = run("select count(*) from model").fetchone()
    run(
        f"""
        insert into documents_document ({", ".join(columns)})
        select {values}
        from tenancy_company c
        cross join generate_series(1, %(documents)s) n
        join model m on m.turn = (n * 7 + c.id) %% %(models)s
        join original o on o.id = m.file_id
        join documents_file f on f.company_id = c.id and f.sha256 = o.sha256
        """,  # noqa: S608 - our own column names
        {"documents": documents, "models": present[0] if present else TEMPLATES},
    )
    run(
        """
        delete from documents_tally;
        insert into documents_tally (firm_id, company_id, direction, approval, booking, open_to_firm, n, arrived_at)
        select firm_id, company_id, direction, approval, booking, open_to_firm, count(*), max(received_at)
        from documents_document group by 1, 2, 3, 4, 5, 6
        """
    )
    run(
        """
        delete from documents_monthtally;
        insert into documents_monthtally (firm_id, company_id, month, direction, booked, open_to_firm, n)
        select firm_id, company_id, date_trunc('month', sort_date), direction, booking = 'booked', open_to_firm,
               count(*)
        from documents_document group by 1, 2, 3, 4, 5, 6
        """
    )
    run(
        """
        insert into tenancy_deed (firm_id, company_id, document_id, verb, by_name, by_kind, side, data, at)
        select firm_id, company_id, id, 'arrived', 'Fatto', 'system', 'company', '{}', received_at
        from documents_document
        """
    )
    run(
        """
        insert into archive_record (firm_id, company_id, document_id, year, month, section, folder, filed_at)
        select firm_id, company_id, id, extract(year from sort_date), extract(month from sort_date), direction,
               left(number || '-' || id, 200), now()
        from documents_document where booking = 'booked'
        """
    )
    for _, definition in indexes:
        run(definition)
    run("set session_replication_role = default")
    run("vacuum analyze documents_document")
