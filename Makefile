# Thin on purpose: each target is what you would type. On Debian and Ubuntu, what apt must bring is brought.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test lint build develop wheel trees sdist bench soak asterisk docs clean

help:
	@echo "make demo    a registered, answered, verified call on this machine"
	@echo "make test    everything CI runs"
	@echo "make develop an editable install with the test tools in .venv: daily work"
	@echo "make lint | build | wheel | trees | sdist | bench | soak | asterisk | docs | clean"

build:
	tools/install-system-packages build
	$(PYTHON) tools/venv

develop:
	tools/install-system-packages test
	$(PYTHON) tools/venv --editable test

demo: build
	$(BIN)/pyjsua demo

test:
	tools/install-system-packages test
	$(PYTHON) tools/venv test docs
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	$(BIN)/python -m pytest -n 3 --dist loadscope

lint:
	$(BIN)/ruff check .
	$(BIN)/mypy

wheel: build
	$(PYTHON) tools/venv wheel
	rm -f dist/*.whl
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .
	$(BIN)/python tools/repair_wheel.py dist/*.whl wheelhouse

trees:
	tools/install-system-packages trees
	$(PYTHON) tools/trees

sdist: build
	$(PYTHON) tools/venv test
	$(BIN)/python -m build --sdist --no-isolation

bench:
	tools/install-system-packages test
	$(PYTHON) tools/venv test
	$(BIN)/python benchmarks/run.py

soak:
	tools/install-system-packages test
	$(PYTHON) tools/venv test
	$(BIN)/python -m pytest -m soak --timeout=0

# Debian has it in sid alone: it is not installed here.
asterisk:
	$(PYTHON) tools/venv test
	$(BIN)/python -m pytest -m asterisk

docs:
	$(PYTHON) tools/venv docs
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build

clean:
	rm -rf build dist wheelhouse docs/_build
