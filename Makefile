# Both commands are complete from a fresh clone: they make a virtual environment, install the
# pinned packages, and run.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Tools of the environment, Node among them, come first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test check bench clean

demo: $(VENV)/.installed
	$(BIN)/carecoord demo $(ARGS)

test: $(VENV)/.installed-dev
	$(MAKE) check

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 $(ARGS)

bench: $(VENV)/.installed-dev
	$(BIN)/python bench/demo.py $(ARGS)

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	@# A distribution's Python may come without venv's parts; virtualenv then does the same.
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		$(PYTHON) -m pip install --quiet --target $(VENV)-tools virtualenv && \
		PYTHONPATH=$(VENV)-tools $(PYTHON) -m virtualenv --quiet $(VENV) && rm -rf $(VENV)-tools; }

$(VENV)/.installed: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	$(BIN)/carecoord warm
	@touch $@

$(VENV)/.installed-dev: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/carecoord warm
	@touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) $(VENV)-tools .mypy_cache .ruff_cache .pytest_cache .hypothesis
