# Everything runs from the environment in .venv, which `make setup` makes; nothing else is needed.
PYTHON ?= python3
# The tests start hundreds of processes: compiling every module anew costs each of them a second and more.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
STAMP := .venv/.installed
# Each process has servers of its own. A file stays in one process, the files that take longest come first.
TEST_PROCESSES ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check lint format migrate spec data-model catalogue translations load bench bench-coverage bench-masking bench-quality

help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make the environment in .venv with the tested versions

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "QM needs Python 3.11 or newer: make setup PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,pdf]'
	@touch $(STAMP)

demo: setup ## Show the main job with two example clients; Ctrl-C ends it
	@if [ -t 1 ]; then $(BIN)/qm demo $(ARGS); else $(BIN)/qm demo --once $(ARGS); fi

test: setup ## Run the tests
	$(PYTEST) $(ARGS)

test-slow: setup ## Run before a release: in full what the tests run short versions of
	$(PYTEST) -m slow $(ARGS)

check: setup lint test ## Run everything that CI runs

lint: setup ## Look at style, types and layers without changing anything
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

migrate: setup ## Bring the database's schema forward
	$(BIN)/qm db upgrade

spec: setup ## Write the contract and its Postman collection to api_spec
	$(BIN)/qm openapi > openapi.new && mv openapi.new api_spec/openapi.json
	$(BIN)/qm openapi --postman > openapi.new && mv openapi.new api_spec/postman_collection.json

data-model: setup ## Write the page of tables to docs/reference/data-model.md
	$(BIN)/python -m infra.data_model_page > docs/reference/data-model.md

catalogue: setup ## Write what a new database's catalogue says, which qm doctor compares with
	$(BIN)/python -m infra.postgres.catalogue > catalogue.new && mv catalogue.new infra/postgres/catalogue.txt

load: setup ## Put load on a running server: make load ARGS="--host http://127.0.0.1:8000"
	$(BIN)/locust -f loadtests/locustfile.py $(ARGS)

bench: setup ## Measure against the bare limits; writes loadtests/results
	$(BIN)/python loadtests/bench.py $(ARGS)

bench-coverage: setup ## Ask simulated queues how often intervals hold the truth; writes loadtests/results
	$(BIN)/python loadtests/interval_coverage.py $(ARGS)

bench-masking: setup ## Count what personal data is masked, and what hostile text costs; writes loadtests/results
	$(BIN)/python loadtests/masking.py $(ARGS)

bench-quality: setup ## Judge real sentences beside published figures; writes loadtests/results
	$(BIN)/python loadtests/quality.py $(ARGS)

translations: setup ## Collect the texts of pages, and compile their translations
	$(BIN)/pybabel -q extract -F qm/console/translations/babel.cfg -k _ -k lazy_gettext --no-location --sort-output --project QM --version "" -o qm/console/translations/messages.pot .
	$(BIN)/pybabel -q update -i qm/console/translations/messages.pot -d qm/console/translations --no-fuzzy-matching --ignore-obsolete
	$(BIN)/pybabel -q compile -d qm/console/translations
