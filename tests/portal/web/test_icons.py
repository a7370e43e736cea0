"""Every icon that a template or a table names is one that there is: a rare branch must not fail on a picture."""

from __future__ import annotations

import re
from pathlib import Path

import fatto.portal

PORTAL = Path(fatto.portal.__file__).parent
NAMED = [
    (PORTAL / "web" / "templates", "*.html", re.compile(r"""\{% icon "([^"]+)"|icon_name="([^"]+)\"""")),
    (PORTAL / "web", "*.py", re.compile(r'icon="([a-z0-9-]+)"')),
]


def test_every_icon_exists():
    from fatto.portal.documents import sentence
    from fatto.portal.web import timeline, tray
    from fatto.portal.web.templatetags.fatto import icon

    names = {
        name
        for folder, files, pattern in NAMED
        for path in folder.rglob(files)
        for found in pattern.findall(path.read_text("utf-8"))
        for name in (found if isinstance(found, tuple) else (found,))
        if name
    }
    names |= {each[1] for each in timeline.VERBS.values()} | {each[1] for each in tray.TONES.values()}
    for table in (sentence._TRANSMISSION, sentence._APPROVAL, sentence._BOOKING):
        names |= {each[1] for each in table.values()}
    assert len(names) > 40
    missing = []
    for name in sorted(names):
        try:
            icon(name)
        except Exception:
            missing.append(name)
    assert not missing
