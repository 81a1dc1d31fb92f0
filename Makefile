# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SCALE := $(VENV)/.ready-scale
HOME_DIR ?= var

.PHONY: run test check bench soak setup format clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch $@

# Spark and Dask are large, and only what scales out needs them.
$(SCALE): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dask,dev,spark]"
	touch $@

run: setup
	$(BIN)/tidewaiter --home $(HOME_DIR) quickstart $(ARGS)

test: $(SCALE)
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(SCALE)
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: $(SCALE)
	$(BIN)/python -m pytest tests/soak -rP $(ARGS)

clean:
	rm -rf build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
