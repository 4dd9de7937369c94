# make run: set everything up and open the worked example. make test: set everything up and run every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
WORKERS ?= auto
EXAMPLE := $(CURDIR)/build/example/essaim.duckdb
UNIT := not e2e and not drill
# Those that exercise analytics and loaders line by line. Counting lines makes a test half as slow again: only they pay.
COUNTED := analytics loaders tests/loaders tests/oracles tests/unit/analytics

.PHONY: $(EXAMPLE) setup run run-empty test check unit counted others e2e bench drill pictures fix lock clean
.DEFAULT_GOAL := run

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Essaim needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.tools.chromium

run: $(VENV)/run.stamp
	@$(BIN)/python -m pages.admin.demo --if-empty
	@echo "Essaim: http://127.0.0.1:$(PORT)   (Ctrl+C to stop)"
	@$(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

run-empty: $(VENV)/run.stamp
	@echo "Essaim: http://127.0.0.1:$(PORT)   (Ctrl+C to stop)"
	@$(BIN)/python -m streamlit run app.py --server.address 127.0.0.1 --server.port $(PORT)

# The checks take one processor: the worked example that tests copy is made beside them. Chromium and what it looks at
# wait for one another half of the time: the other tests run beside them.
test: setup
	@$(MAKE) --no-print-directory -j2 check $(EXAMPLE)
	@$(MAKE) --no-print-directory counted
	@ESSAIM_TESTS_EXAMPLE=$(EXAMPLE) $(MAKE) --no-print-directory -j2 others e2e

$(EXAMPLE): $(VENV)/dev.stamp
	@rm -rf $(@D)
	@$(BIN)/python -m tests.tools.worked_example $@

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.accepted

unit: counted others

counted: $(VENV)/dev.stamp
	$(BIN)/coverage erase
	$(BIN)/pytest -n $(WORKERS) -q -m "$(UNIT)" --cov --cov-report= $(COUNTED)
	$(BIN)/coverage report --fail-under=95 --skip-covered

others: $(VENV)/dev.stamp
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -q -m "$(UNIT)" data wording tests $(foreach path,$(COUNTED),--ignore=$(path))

e2e: setup
	$(BIN)/pytest -n $(WORKERS) --dist loadfile -q -m "e2e and not drill" tests/e2e

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m benchmarks

drill: setup
	$(BIN)/pytest -q -m drill

pictures: setup
	$(BIN)/python -m tests.e2e.pictures build/pictures

fix: $(VENV)/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/dev.stamp
	for list in requirements requirements-cluster requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $$list.in -o $$list.txt || exit 1; done

clean:
	rm -rf $(VENV) build .coverage .mypy_cache .ruff_cache .hypothesis .import_linter_cache
