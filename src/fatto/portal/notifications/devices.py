"""What a browser and its machine are called, from what the browser says of itself: never more than their kind."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def called(agent: str) -> str:
    """`Chrome · Android`; the first that fits, since browsers name others beside themselves."""
    found = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _MACHINES)]
    return " · ".join(filter(None, found)) or "?"
