# Everything is run by these targets. Each does its own set-up: `.uv` (installer) and `.venv` (packages) are
# made in this folder from Python alone, once, and again when pyproject.toml or a lock file changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:

BIN := .venv/bin
# The first Python that is 3.11 to 3.14 and starts. Looked for only where a target needs it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& echo "$$p" && break; done)
BOOTSTRAP = @test -n "$(PYTHON)" || { echo "no Python 3.11 to 3.14 found: install one, or say make PYTHON=..." >&2; exit 2; }; \
	"$(PYTHON)" .ci/bootstrap.py

# Options handed on: make demo ARGS="--serve", make bench NAME=bank, make test TESTS=dsr_pipeline_tests/bank
ARGS ?=
NAME ?=
TESTS ?= dsr_pipeline_tests
UPGRADE ?=

.PHONY: help setup runtime demo dev test test-slow lint bench lock system clean

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: ## make .venv with everything that developing needs
	$(BOOTSTRAP) dev

runtime:
	$(BOOTSTRAP) runtime

demo: runtime ## run the whole pipeline on invented data, in data/demo
	$(BIN)/dsr demo $(ARGS)

dev: runtime ## open the Dagster UI on this project
	mkdir -p data/.dagster
	cp dsr_pipeline/defs/instance/local/dagster.yaml data/.dagster/dagster.yaml
	DAGSTER_HOME="$(CURDIR)/data/.dagster" $(BIN)/dagster dev -w workspace.yaml $(ARGS)

test: lint ## lint, unit tests and one short scenario
	$(BIN)/pytest $(TESTS) -m "not slow" -n logical $(ARGS)

# pytest ends with 5 when it found no test: that is fine only while no test is marked slow.
test-slow: setup system ## what takes long: browser, LibreOffice, kill tests, simulated weeks
	@$(BIN)/pytest $(TESTS) -m slow $(ARGS) || { code=$$?; test $$code -eq 5 \
		&& ! grep -rqs --include='test_*.py' 'mark\.slow' dsr_pipeline_tests \
		&& echo "no test is marked slow yet" || exit $$code; }

lint: setup ## format, rules, types, imports between rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo

bench: setup ## measure against the floors: make bench NAME=bank
	$(BIN)/dsr bench $(NAME) $(ARGS)

lock: ## write requirements/*.lock anew; UPGRADE=1 takes newer versions
	$(BOOTSTRAP) lock $(if $(UPGRADE),--upgrade)

system: setup ## install the system programs that tests need, where root and apt-get are there
	$(BIN)/python .ci/system.py

clean: ## remove what these targets made, but no data
	rm -rf .venv .uv .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find dsr_pipeline dsr_pipeline_tests .ci -name __pycache__ -type d -prune -exec rm -rf {} +
