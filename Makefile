# Every target sets up what it needs; all can be run again. PYTHON may name any Python from 3.11 on.
PYTHON ?= python3
BIN := .venv/bin
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock" --no-emit-index-url --no-emit-find-links pyproject.toml

# without `private`: PyTorch is 200 MB for a handful of tests, which are skipped where it is missing
EXTRAS := pandas postgresql privacy-release s3 telemetry

.PHONY: demo test check coverage bench bench-assurance bench-data bench-detection bench-serving lock clean
.DEFAULT_GOAL := demo

demo: .venv/run.done ## the main job: from raw customer data to a guarded, verified prediction
	$(BIN)/secmlops demo credit-risk --folder demo/credit-risk

test: .venv/dev.done ## all tests
	$(BIN)/python -m pytest -n 2

check: .venv/dev.done ## style, types, floors, documentation
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

coverage: .venv/dev.done ## the tests with coverage; fails under 90% of branches
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --cov --cov-report=term --cov-fail-under=90

bench: .venv/dev.done ## comparisons with peers, each in an environment of its own
	$(BIN)/python -m benchmarks

bench-assurance: .venv/dev.done ## what attackers can do to a model, beside peers that attack
	$(BIN)/python -m benchmarks assurance

bench-data: .venv/dev.done ## personal data found, columns encrypted, tables anonymised, poison found, beside peers
	$(BIN)/python -m benchmarks data

bench-detection: .venv/dev.done ## the detectors and client watches on real data: quality first, then cost
	$(BIN)/python benchmarks/detection.py

bench-serving: .venv/dev.done ## what a guarded prediction costs, beside other servers; ARGS=--quick for two minutes
	$(BIN)/python benchmarks/serving.py $(ARGS)

lock: .venv/dev.done ## the hash-pinned locks, made anew
	$(LOCK) --group build --upgrade -o requirements/run.txt
	$(LOCK) $(EXTRAS:%=--extra %) --group dev --upgrade -o requirements/dev.txt

.venv/run.done: requirements/run.txt pyproject.toml | .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/dev.done: requirements/dev.txt pyproject.toml | .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "secmlops needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv .venv

clean:
	rm -rf .venv demo site dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
