# Thin on purpose: each target is what you would type. On Debian and Ubuntu, what apt must bring is brought.
PYTHON ?= python3
BIN := .venv/bin
# The editable install looks for changed sources at every import; what is run here has just been built.
RUN := SKBUILD_EDITABLE_SKIP="$$(echo $(CURDIR)/build/cp3*)" $(BIN)

.PHONY: help demo test lint build wheel sdist bench soak docs clean

help:
	@echo "make demo    a registered, answered, verified call on this machine"
	@echo "make test    everything CI runs"
	@echo "make lint | build | wheel | sdist | bench | soak | docs | clean"

build:
	tools/install-system-packages build
	$(PYTHON) tools/develop

demo: build
	$(RUN)/pyjsua demo

test:
	tools/install-system-packages test
	$(PYTHON) tools/develop test
	$(RUN)/python -m pytest
	$(MAKE) --no-print-directory lint

lint:
	$(BIN)/ruff check .
	$(BIN)/mypy

wheel: build
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

sdist: build
	$(PYTHON) tools/develop test
	$(BIN)/python -m build --sdist --no-isolation

bench:
	tools/install-system-packages test
	$(PYTHON) tools/develop test
	$(RUN)/python benchmarks/run.py

soak:
	tools/install-system-packages test
	$(PYTHON) tools/develop test
	$(RUN)/python -m pytest -m soak --timeout=0

docs:
	$(PYTHON) tools/develop docs
	$(BIN)/mkdocs build --strict

clean:
	rm -rf build dist site
