"""The verbs in their order: open, read. The file to read first.

    for enclosed in pipeline.open(path.open("rb"), name):
        for reading in pipeline.read(enclosed):
            …
"""

from __future__ import annotations
