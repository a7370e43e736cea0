# `make` alone tells what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
READY := .venv/ready

# The newest Python that all our packages have wheels for; PYTHON=… overrides.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3.14 python3; do \
	command -v $$name >/dev/null 2>&1 && \
	$$name -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && \
	{ command -v $$name; break; }; done)

.PHONY: help setup demo run test lint types samples messages bench check clean

help: ## this list
	@echo "Fatto. Two to begin with:  make demo   make test"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

setup: $(READY) ## install everything into .venv, as locked
	@echo "Ready."

demo: $(READY) ## start the portal with a made-up world (kept in demo-data)
	@exec .venv/bin/fatto demo

run: $(READY) ## start the portal with your own data (kept in data)
	@exec .venv/bin/fatto serve

test: $(READY) ## all tests, browser stories included
	@$(PY) tools/browser.py
	@$(PY) -m pytest $(ARGS)

lint: $(READY) ## style, formatting, and who may import whom
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/lint-imports --no-logo

types: $(READY) ## mypy, strict
	@.venv/bin/mypy

samples: $(READY) ## rewrite the expected readings beside the samples; review the diff
	@$(PY) tools/samples.py

messages: $(READY) ## collect the texts to translate, and compile the catalogues
	@$(PY) tools/messages.py

bench: $(READY) ## measure; SIZE=small for a quick look
	@$(PY) -m bench $(SIZE)

check: lint types test ## what must pass before a change is handed in

clean: ## remove what can be made again; data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis test-results dist
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml src/fatto/__init__.py
	@test -n "$(PYTHON)" || { echo "Fatto needs Python 3.11 or newer, and none was found. Install it, or say where it is: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: its venv module is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@test -x $(PY) && $(PY) -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Making .venv with $(PYTHON)"; rm -rf .venv; "$(PYTHON)" -m venv .venv; }
	@echo "Installing the locked packages"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@if test -f tools/messages.py; then $(PY) tools/messages.py compile; fi
	@touch $@
