"""Stand-ins for the authorities, which run beside the portal while the demo does. Needs no Django."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fatto import countries
from fatto.channels.channel import Training


@contextmanager
def running(folder: Path) -> Iterator[dict[str, Training]]:
    """The stand-ins of all countries, by channel; the settings that lead to them are set. Needs no Django."""
    with ExitStack() as stack:
        found: dict[str, Training] = {}
        for channel in (each for country in countries.every() for each in country.channels):
            if channel.training is None:
                continue
            kept = folder / "training" / channel.code
            kept.mkdir(parents=True, exist_ok=True)
            training = found[channel.code] = stack.enter_context(channel.training({}, folder=kept))
            os.environ.update(training.variables)
        if found:
            certificates = folder / "training" / "seals.pem"
            certificates.write_bytes(b"\n".join(each.certificate for each in found.values()))
            os.environ["FATTO_SEAL_CERTIFICATES"] = str(certificates)
            os.environ["FATTO_TRAINING"] = "yes"
        yield found
