# Firstbell. `make` lists what can be done. Everything works on a bare machine with Python 3.11 and make.

.DEFAULT_GOAL := help
.PHONY: help demo test check format format-check lint types order migrations-check hygiene messages messages-check \
        coverage bench soak assets lock doctor clean
SHELL := /bin/sh
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export DJANGO_SETTINGS_MODULE ?= firstbell.settings
export FIRSTBELL_MODE ?= development
# Test processes at once. Two fit on two cores; the browser stories share one.
JOBS ?= 2
TESTS ?=

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- The environment: made once, renewed when a list changes ------------------------------------------------------

.venv/run: requirements/base.txt requirements/bootstrap.txt pyproject.toml tools/prepare.sh
	@tools/prepare.sh run
	@touch $@

.venv/dev: requirements/dev.txt requirements/bootstrap.txt pyproject.toml tools/prepare.sh
	@tools/prepare.sh dev
	@touch $@ .venv/run

FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' 2>/dev/null)
var/assets: $(FRONTEND) tools/assets.sh
	@tools/assets.sh
	@mkdir -p var && touch $@

assets: ## build style sheets and scripts (needs Node)
	@tools/assets.sh
	@mkdir -p var && touch var/assets

# --- Use ----------------------------------------------------------------------------------------------------------

demo: export FIRSTBELL_MODE = demo
demo: .venv/run ## a whole made-up district on this machine, in one command
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory var/assets; else ASSETS_OPTIONAL=0 tools/assets.sh; fi
	@python tools/messages.py
	@firstbell demo

doctor: .venv/run ## is this installation well?
	@firstbell doctor

# --- Change -------------------------------------------------------------------------------------------------------

test: .venv/dev var/assets ## every test, browser stories included; TESTS=path narrows it
	@tools/chromium.sh
	@python tools/messages.py
	@pytest -n $(JOBS) --dist loadgroup $(TESTS)

check: format-check lint types order migrations-check hygiene messages-check coverage ## everything a change must pass

format: .venv/dev ## put the code into its one form
	@ruff format
	@ruff check --fix-only --quiet

format-check: .venv/dev
	ruff format --check

lint: .venv/dev ## rules of style
	ruff check

types: .venv/dev ## strict types
	mypy

order: .venv/dev ## who may import whom
	lint-imports --no-logo

migrations-check: .venv/dev
	python -m django makemigrations --check --dry-run

hygiene: .venv/dev
	deptry src
	bandit --quiet --recursive --configfile pyproject.toml src

messages: .venv/dev ## collect new messages (needs gettext), compile all catalogues
	@if command -v xgettext >/dev/null; then cd src/firstbell && python -m django makemessages --locale es --no-location --no-obsolete; \
	else echo "gettext is missing: new messages are not collected, only compiled (apt-get install gettext)"; fi
	@python tools/messages.py --tidy

messages-check: .venv/dev
	python tools/messages.py --check

coverage: .venv/dev var/assets
	@tools/chromium.sh
	pytest -n $(JOBS) --dist loadgroup --cov --cov-report=term $(TESTS)

bench: .venv/dev ## the figures this project promises, on this machine; BENCH_SIZES="10000 1000000"
	@python -m bench.run

soak: .venv/dev var/assets ## the long proofs: 200 kills, 1,000 rounds for one loaner, 10,000 seeds of phones, journeys B, D, J whole; hours
	@RACE_ROUNDS=$${RACE_ROUNDS:-1000} CRASH_POINTS=$${CRASH_POINTS:-200} SCAN_SEEDS=$${SCAN_SEEDS:-10000} \
	  pytest -o log_cli=true --log-cli-level=INFO --durations=0 tests/races tests/crash tests/scan
	@FULL_COUNT=1 FULL_SEASONS=1 pytest -s --durations=0 -k journey tests/journeys/test_seasons.py tests/web/desk/test_counts.py

lock: .venv/dev ## write requirements/*.txt from pyproject.toml; UPGRADE=1 takes newer versions
	@tools/lock.sh

clean: ## remove what was built; the demo's data in var/ stays
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .coverage* frontend/node_modules var/assets
