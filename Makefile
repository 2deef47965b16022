# make demo [VIDEO=path-or-rtsp-url]   analyse a real recording as a live camera, console at http://127.0.0.1:8420
# make test                            everything that must hold
# make lint | bench | docs | lock      style and types | the figures | generated pages | new lock files
# make site | screenshots              the handbook as a site, in build/site | its pictures, from the demonstration

BIN := .venv/bin
VIDEO ?=
ARGS ?=

.PHONY: setup dev demo test lint bench docs site screenshots lock
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile | head -4

setup:
	@tools/setup run

dev:
	@tools/setup dev

demo: setup
	@$(BIN)/vitrail demo $(if $(VIDEO),"$(VIDEO)") $(ARGS)

test: dev lint
	@tools/debian
	$(BIN)/python -m pytest --hypothesis-profile=steady $(ARGS)

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: dev
	@for figure in benchmarks/[a-z]*.py; do echo "== $$figure"; $(BIN)/python "$$figure" $(ARGS) || exit 1; done

docs: dev
	$(BIN)/python tools/write_docs.py

site: docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

screenshots: dev
	VITRAIL_SCREENSHOTS=docs/pictures $(BIN)/python -m pytest tests/journeys/test_operator.py -k handbook

# setuptools is locked too: it builds the editable install without asking the index again. openvino-telemetry is left
# out: it reports every import of openvino to its maker (law.md L33), and openvino works without it.
lock: dev
	@$(BIN)/python -m pip install --quiet uv
	@mkdir -p build && echo 'setuptools>=77' > build/lock.in
	@for kind in "" -dev; do \
	  $(BIN)/python -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-emit-package openvino-telemetry --no-annotate --custom-compile-command "make lock" $${kind:+--extra dev} \
	    pyproject.toml build/lock.in -o requirements$$kind.lock || exit 1; \
	done
