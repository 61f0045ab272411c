# make run: the demonstration; make test: all tests; both set everything up themselves.
.DELETE_ON_ERROR:
.PHONY: run test quick check fmt bench soak fuzz docs lock cover clean help
PY := .venv/bin/python

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make run     a demonstration region in .demo, served on 127.0.0.1:8080 until stopped
run:
	@scripts/setup.sh run
	@scripts/demo.sh

## make test    every test, on SQLite and on a PostgreSQL of its own
test:
	@scripts/setup.sh test
	$(PY) -m pytest

## make quick   the unit tests only
quick:
	@scripts/setup.sh test
	$(PY) -m pytest tests/unit -q

## make check   what CI runs before the tests: format, lint, types, layers, docs
check:
	@scripts/setup.sh test
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo
	$(PY) -m ops.docs --check

## make fmt     format the code
fmt:
	@scripts/setup.sh test
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

## make bench   the benchmarks, as ratios against peers run beside
bench:
	@scripts/setup.sh test
	$(PY) -m benchmarks

## make soak    the long runs
soak:
	@scripts/setup.sh test
	$(PY) -m pytest -m soak

## make fuzz    one fuzz target (TARGET=trees) for a while (SECONDS=60)
fuzz:
	@scripts/setup.sh test
	$(PY) -m tests.fuzz $(or $(TARGET),trees) $(or $(SECONDS),60)

## make cover   the tests with branch coverage
cover:
	@scripts/setup.sh test
	$(PY) -m pytest --cov --cov-report=term:skip-covered

## make docs    write the generated documents anew
docs:
	@scripts/setup.sh test
	$(PY) -m ops.docs

## make lock    pin the dependencies anew
# Extras stay in the lock: with hashes, pip refuses to look for one that is not pinned by name.
lock:
	@scripts/setup.sh test
	$(PY) -m uv pip compile setup.cfg --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-header --quiet -o requirements.lock
	$(PY) -m uv pip compile setup.cfg --extra dev --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-header --quiet -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf .demo .cache build dist htmlcov
