# `make run` and `make test` need only Python 3.11 or newer, make and git.

SHELL := /bin/sh
PYTHON ?= python3
ONLY ?=
WORKERS ?= 3
SBOM ?= .local/sbom.json
BIN := .venv/bin
INSTALLED := .venv/installed-$(shell cksum < requirements.txt | tr ' ' '-')

.PHONY: help run demo conform test check soak bench vectors golden docs webapp shots messages types migrations lock sbom clean

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

# The stamp's name has the checksum of the lock file, so a changed lock file is installed again.
$(INSTALLED):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Handrail needs Python 3.11 or newer; '$(PYTHON)' is `$(PYTHON) -V 2>&1 || true`. Name another with: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Installing the locked requirements into .venv (once)"
	@rm -f .venv/installed-*
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

run: $(INSTALLED) ## Run everything on this machine: servers, migrations, demonstration data, processes
	@exec $(BIN)/python -m tools.local.run

demo: $(INSTALLED) ## Play a day in the programme against the real processes
	@exec $(BIN)/python -m tools.demo

conform: $(INSTALLED) ## Test a client of yours against the real endpoints with trouble; PORT=8100
	@PORT="$(PORT)" LIVE_PORT="$(LIVE_PORT)" CONTROL_PORT="$(CONTROL_PORT)" exec $(BIN)/python -m tools.conform

test: $(INSTALLED) ## Run the whole suite on real PostgreSQL and Valkey
	@exec $(BIN)/python -m pytest -q -n $(WORKERS) -m 'not soak'

check: $(INSTALLED) ## Check format, lint, types, import order, our own rules and migrations
	@PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/python -m tools.checks

soak: $(INSTALLED) ## Run the long fuzzing, fault and property tests
	@exec $(BIN)/python -m pytest -q -rs -n 2 -m soak

bench: $(INSTALLED) ## Run the benchmarks, one JSON object per line; ONLY=catchup for one of them
	@exec $(BIN)/python -m tools.bench $(ONLY)

vectors: $(INSTALLED) ## Rewrite docs/vectors from what the server and the phone send now
	@WRITE_VECTORS=1 exec $(BIN)/python -m pytest -q tests/vectors -k recording

golden: $(INSTALLED) ## Write tests/golden for new kinds, actions, schemas and versions; old ones are kept
	@WRITE_GOLDEN=1 exec $(BIN)/python -m pytest -q tests/golden

docs: $(INSTALLED) ## Write what docs/ derives from the code: kinds, permissions, actions
	@exec $(BIN)/python -m tools.docs

webapp: $(INSTALLED) ## Build the phone app (clients/web) into the folder that is committed and served
	@exec $(BIN)/python -m tools.webapp

shots: $(INSTALLED) ## Picture every state of the phone app and the console into .local/shots; ONLY=today for some
	@ONLY="$(ONLY)" exec $(BIN)/python -m tools.webapp.shots

messages: $(INSTALLED) ## Collect the console's texts, and compile their Spanish
	@exec $(BIN)/python -m tools.messages

types: docs ## Write the types of clients/handrail-js from the documents and inputs
	@exec $(BIN)/python -m tools.webapp.types

migrations: $(INSTALLED) ## Write the migrations the models need
	@exec $(BIN)/python -m tools.local.manage makemigrations recovery notifications

LOCK := uv pip compile -q --generate-hashes --no-annotate --no-header --python-version 3.11
lock: ## Lock all requirements and those of the image, with hashes (needs uv)
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) deploy/requirements-served.in -c requirements.txt -o deploy/requirements-served.txt

sbom: $(INSTALLED) ## Write the list of all components that the image installs (CycloneDX) to SBOM
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --validate --output-reproducible -o $(SBOM) deploy/requirements-served.txt

clean: ## Remove the virtual environment and all local data
	rm -rf .venv .local
