# `make run` and `make test` need Python 3.11 or newer, make and git; nothing else.

SHELL := /bin/sh
PYTHON ?= python3
ONLY ?=
WORKERS ?= 2
BIN := .venv/bin
INSTALLED := .venv/installed-$(shell cksum < requirements.txt | tr ' ' '-')

.PHONY: help run demo test check soak bench vectors golden docs migrations lock clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

# The stamp carries the checksum of the lock file: installed once, and again when it changes.
$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Handrail needs Python 3.11 or newer; '$(PYTHON)' is `$(PYTHON) -V 2>&1 || true`. Name another with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing the locked requirements into .venv (once)"
	@rm -f .venv/installed-*
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

run: $(INSTALLED) ## Everything on this machine: servers, migrations, demonstration data, processes
	@exec $(BIN)/python -m tools.local.run

demo: $(INSTALLED) ## A day in the programme, played against the real processes
	@exec $(BIN)/python -m tools.demo

test: $(INSTALLED) ## The whole suite on real PostgreSQL and Valkey
	@exec $(BIN)/python -m pytest -q -n $(WORKERS) -m 'not soak'

check: $(INSTALLED) ## Format, lint, types, import order, own rules, migrations
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/python -m tools.checks

soak: $(INSTALLED) ## Long fuzzing, fault and property runs
	@exec $(BIN)/python -m pytest -q -n $(WORKERS) -m soak

bench: $(INSTALLED) ## Benchmarks, one JSON object a line; ONLY=catchup for one of them
	@exec $(BIN)/python -m tools.bench $(ONLY)

vectors: $(INSTALLED) ## Write docs/vectors anew: what the server and the phone say now
	@WRITE_VECTORS=1 exec $(BIN)/python -m pytest -q tests/vectors

golden: $(INSTALLED) ## Write tests/golden for new kinds, actions, schemas and versions; never over old ones
	@WRITE_GOLDEN=1 exec $(BIN)/python -m pytest -q tests/golden

docs: $(INSTALLED) ## Write what docs/ derives from the code: kinds, permissions, actions
	@exec $(BIN)/python -m tools.docs

migrations: $(INSTALLED) ## Write the migrations the models need
	@exec $(BIN)/python -m tools.local.manage makemigrations recovery notifications

LOCK := uv pip compile -q --generate-hashes --no-annotate --no-header --python-version 3.11
lock: ## Lock everything again, and of that what the image holds, with hashes (needs uv)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) deploy/requirements-served.in -c requirements.txt -o deploy/requirements-served.txt

clean: ## Remove the virtual environment and all local data
	rm -rf .venv .local
