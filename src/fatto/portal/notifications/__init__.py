"""Telling people what happened and what waits for them: by push, by mail, in one digest a day, or not at all."""
