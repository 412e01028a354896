# The two commands of the README stand on their own: each makes the virtual environment it needs.
# After the first run nothing is fetched any more.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REPORT := reports/features
REFUSALS := $(addprefix features/, field_security.feature validation_rules.feature wrong_values.feature)

.PHONY: features test features-external features-sockets demo lint types format help clean

# Runs every Gherkin feature with both fakes and the engine; a line a scenario, and an HTML report.
features: $(STAMP)
	$(BIN)/python -m pytest features --syncrig-report $(REPORT)

# Runs all tests, the features among them.
test: $(STAMP)
	$(BIN)/python -m pytest -q -n auto

# Runs the features with the engine as an ordinary API user, beside an instance whose native sync is off.
features-external: $(STAMP)
	$(BIN)/python -m pytest features --syncrig-crm-sync external -q -n auto

# Runs the features against `fakes up` on sockets, with the engine as another process; what Salesforce refuses, in both modes.
features-sockets: $(STAMP)
	$(BIN)/python -m pytest features --syncrig-target sockets -q -n auto
	$(BIN)/python -m pytest $(REFUSALS) --syncrig-target sockets --syncrig-crm-sync external -q -n auto

# Both systems and the engine up, with people in them, and a page to look at.
demo: $(STAMP)
	$(BIN)/fakes up --scenario acme --virtual-clock --engine auto

# Style, and the formatter's opinion.
lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

# Strict types on the packages.
types: $(STAMP)
	$(BIN)/mypy

# Formats the code and mends what can be mended.
format: $(STAMP)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# Every target with its comment.
help:
	@awk '/^# / {comment = substr($$0, 3)} /^[a-z-]+:/ {if (comment) {split($$0, name, ":"); printf "%-18s %s\n", name[1], comment}} !/^# / {comment = ""}' Makefile

# Takes away what the other targets made.
clean:
	rm -rf $(VENV) reports build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .syncrig

# pip is upgraded first because dependency groups want 25.1.
$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "syncrig wants Python 3.11 or newer: make PYTHON=python3.11 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]' --group dev
	@touch $(STAMP)
