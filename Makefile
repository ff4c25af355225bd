# The commands of Parley. `make` lists them; docs/operations.md says more about each.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run demo test check format bench torture audit development screenshots clean

# PYTHON=/path/to/python chooses the interpreter; otherwise the newest of these that is 3.11 or later.
PYTHON ?=
CANDIDATES := $(if $(PYTHON),$(PYTHON),python3.13 python3.12 python3.11 python3)
IN_VENV := .venv/bin/python

# $(call with,PURPOSE) COMMAND: set up what PURPOSE needs, then run COMMAND with the environment's Python.
define with
@for python in $(CANDIDATES); do \
	if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
		exec "$$python" -I config/bootstrap.py $(1); \
	fi; \
done; \
echo "Parley needs Python 3.11 or later, and none of these is one: $(CANDIDATES). Install it, or name it: make $@ PYTHON=/path/to/python" >&2; \
exit 1
endef

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Set up what is missing, then run Parley with a demo bot (PORT=8000, PARLEY_DATA_DIR=var)
	$(call with,run manage.py serve)

demo: ## Add the demo log-ins and bots to the data folder (make run does it once by itself)
	$(call with,run manage.py demo)

test: ## Run all tests, in a real browser too
	$(call with,browser -m pytest $(TESTS))

check: development ## Format, lint, types, import contracts, templates, house rules: what must hold before a commit
	$(IN_VENV) -m ruff format --check .
	$(IN_VENV) -m ruff check .
	$(IN_VENV) -m mypy bots integrations credentials config
	$(IN_VENV) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(IN_VENV) -m djlint --lint --quiet templates
	$(IN_VENV) -m pytest tests/test_house_rules.py

audit: development ## Ask the advisory service whether an installed package has a known hole
	$(IN_VENV) -m tests.audit

format: development ## Format the Python code and sort its imports
	$(IN_VENV) -m ruff check --fix --select I .
	$(IN_VENV) -m ruff format .

bench: ## Measure how fast Parley is here (ONLY=turn,throughput ROUNDS=3 JSON=1)
	$(call with,development -m bench $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(JSON),--json))

torture: ## Attack and break everything, as tables of cases (ONLY=sandbox,egress SHORT=1 MUTATIONS=1 JSON=1)
	$(call with,development -m tests.torture $(if $(ONLY),--only $(ONLY)) $(if $(SHORT),--short) $(if $(MUTATIONS),--mutations) $(if $(JSON),--json))

development:
	$(call with,development)

screenshots: ## Take the pictures of the tour (var/tour/) and of the documents from the running product (STOPS="bots publish")
	$(call with,browser -m tests.browser.screenshots $(STOPS))

clean: ## Remove the virtual environment and the caches; the data folder stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
