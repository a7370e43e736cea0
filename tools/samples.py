"""`make samples`: rewrite the expected readings beside the samples; the diff is for a person to review."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.samples.rewrite import main

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
