"""A made-up world to try the portal with: two firms, ten companies, two years of their documents.

demo.load(print)        # makes it, or goes on where it was interrupted
demo.people()           # who can log in
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fatto.portal.demo.world import FIRMS, PASSWORD, PEOPLE


def load(progress: Callable[[str], None]) -> None:
    """Bring the world into the database; `progress` gets a line now and then. Needs Django set up."""
    from fatto.portal.demo import loading

    loading.load(progress)


def people() -> Iterator[tuple[str, str, str, str]]:
    """Who can log in: name, e-mail address, password, and what the person is where."""
    names = {firm.key: firm.name for firm in FIRMS}
    names |= {company.key: company.party.full_name for firm in FIRMS for company in firm.companies}
    for person in PEOPLE:
        roles = "; ".join(f"{role.replace('_', ' ')}, {names[key]}" for role, key in person.roles)
        yield person.name, person.email, PASSWORD, roles
