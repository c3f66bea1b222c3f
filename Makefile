# Needs Python 3.11 or newer and make; everything else is installed into .venv by the first target.
# Another interpreter:  make demo PYTHON=/path/to/python3.12

PYTHON ?=
VENV   := .venv
STAMP  := $(VENV)/.installed
RUN    := $(VENV)/bin/python
PYTEST := $(RUN) -m pytest $(PYTEST_ARGS)
# On all cores; the tests of a file stay together, as they share what was simulated for them.
CORES  := -n auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test full bench ratio bands lint format clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP)  ## run the quickstart market for a year and show what happened
	@$(RUN) run.py demo

test: $(STAMP)  ## all tests: the fast ones, then the long ones in their short form
	@echo "tests: compiling"; $(RUN) -m sim.warm
	@echo "tests: fast"
	@$(PYTEST) $(CORES)
	@echo "tests: rules, uncompiled"
	@NUMBA_DISABLE_JIT=1 $(PYTEST) tests/rules
	@echo "tests: many runs, short form"
	@$(PYTEST) $(CORES) -m "slow and not full" || [ $$? = 5 ]  # 5: there are none

full: $(STAMP)  ## every test in its long form (may take an hour)
	@MARKETPLACE_FULL=1 $(PYTEST) -m "slow or full or not slow"

bench: $(STAMP)  ## measure speed and memory, side by side with plain Mesa; writes results/bench/
	@$(RUN) -m benchmarks.bench

ratio: $(STAMP)  ## has the market become slower against a bare loop?
	@$(RUN) -m benchmarks.ratio

bands: $(STAMP)  ## is the base market inside its bands? thirty seeds, prints each band
	@$(RUN) run.py bands

lint: $(STAMP)  ## style, types and who imports whom
	@bad=0; \
	echo "lint: ruff";    $(RUN) -m ruff check -q . || bad=1; $(RUN) -m ruff format -q --check . || bad=1; \
	echo "lint: mypy";    $(RUN) -m mypy --no-error-summary || bad=1; \
	echo "lint: imports"; $(VENV)/bin/lint-imports --no-cache --no-logo >$(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; bad=1; }; \
	exit $$bad

format: $(STAMP)  ## put the code in order
	@$(RUN) -m ruff check -q --fix . ; $(RUN) -m ruff format -q .

clean:  ## remove .venv and caches; results/ stays
	@rm -rf $(VENV) build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv that works is brought up to date; one that was left half-made, or does not run, is made anew.
$(STAMP): pyproject.toml constraints.txt
	@set -e; found=; works='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))'; \
	if [ -e $(VENV)/.unfinished ] || ! $(RUN) -c "$$works; import pip" >/dev/null 2>&1; then \
	  for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
	    if "$$python" -c "$$works" >/dev/null 2>&1; then found=$$python; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "error: no Python 3.11 to 3.14 with venv and pip found (looked for: $(or $(PYTHON),python3 python3.14 ... python3.11 python))." >&2; \
	    echo "       Install one (Debian and Ubuntu: apt install python3 python3-venv), or name one: make demo PYTHON=/path/to/python3" >&2; \
	    exit 2; \
	  fi; \
	  echo "set-up: making $(VENV) with $$("$$found" --version)"; \
	  rm -rf $(VENV); mkdir $(VENV); touch $(VENV)/.unfinished; \
	  "$$found" -m venv $(VENV) >$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log >&2; exit 2; }; \
	fi; \
	echo "set-up: installing (a minute or two, once)"; touch $(VENV)/.unfinished; \
	$(RUN) -m pip install --disable-pip-version-check --no-input -c constraints.txt -e ".[dev]" >$(VENV)/install.log 2>&1 \
	  || { tail -n 30 $(VENV)/install.log >&2; echo "error: the installation failed (all of it: $(VENV)/install.log); try again with: make $(or $(MAKECMDGOALS),test)" >&2; exit 2; }; \
	rm -f $(VENV)/.unfinished; touch $@; echo "set-up: done"
