# Two commands do everything on a fresh machine: `make study` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# One core takes the quick kinds first and shows them, the other those that simulate and run studies:
# tests/notebooks/test_studies.py holds every study against its reference and verifies that run,
# its neighbors run lessons, the form in a browser and the tutorial.
# What tests an interrupt stays in front: behind `&` a shell makes its children deaf to it.
BEHIND := tests/notebooks/test_studies.py tests/notebooks/test_lessons.py \
  tests/notebooks/test_start_here.py tests/notebooks/test_tutorial.py \
  tests/notebooks/test_published_values.py tests/notebooks/test_loyalty_gaps.py \
  tests/notebooks/test_answers_without_a_number.py \
  tests/oracles tests/published tests/worked tests/recovery
FRONT := tests/architecture tests/unit tests/properties custlib \
  tests/notebooks tests/security tests/faults $(BEHIND:%=--ignore=%)
export PYTHONUTF8 := 1
# One thread a process: small matrices get slower with more, and results stay the same everywhere.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help study test reference test-long bench check fix lab app docs oracles lock notebooks spark clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

study: $(READY)  ## run the steel-satisfaction study on its default data; prints the path of report.html
	@$(BIN)/custlib run steel_satisfaction

test: $(READY)  ## run every test (under 12 minutes on two cores)
	@log=$$(mktemp); \
	{ $(BIN)/python -m pytest $(BEHIND) -m "not slow"; behind=$$?; \
	  $(BIN)/python -m pytest --nbval --nbval-cell-timeout=300 notebooks && exit $$behind; \
	} >$$log 2>&1 & \
	$(BIN)/python -m pytest $(FRONT) -m "not slow"; front=$$?; \
	wait $$!; behind=$$?; cat $$log; rm -f $$log; exit $$((front || behind))

reference: $(READY)  ## renew the numbers that make test must find again; BECAUSE='why' where some changed
	@$(BIN)/custlib verify --reference --renew $${BECAUSE:+--because "$$BECAUSE"}

test-long: $(READY)  ## the recovery and fault tests at full size
	$(BIN)/python -m pytest tests/recovery tests/faults -m "slow"

bench: $(READY)  ## time custlib beside its peers (under 12 minutes); writes benchmarks/README.md
	@$(BIN)/python benchmarks/run.py

check: $(READY)  ## style, types and floors; edits nothing
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/architecture

fix: $(READY)  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# From the project's root, so that the form can link reports.
lab: $(READY)  ## open the notebooks in JupyterLab, beginning with the form
	$(BIN)/jupyter lab --ServerApp.root_dir=. notebooks/start_here.ipynb

# Its settings: for this machine alone, for whoever holds the token, nothing fetched from elsewhere,
# and of all files only those of reports are served (no part of their path begins with a dot).
app: $(READY)  ## serve the form without JupyterLab
	$(BIN)/python -m custlib.form.server --token --Voila.config_file_paths=custlib/form notebooks/start_here.ipynb

notebooks: $(READY)  ## execute the studies at their defaults, keep the outputs and what follows from them
	$(BIN)/python -m jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False notebooks/studies/*.ipynb
	$(BIN)/python docs/make_claims.py

docs: $(READY)  ## write the pages that are made from code: docs/methods and the rooms of docs/architecture.md
	$(BIN)/python docs/make_methods.py
	$(BIN)/python docs/make_architecture.py

spark: $(READY)  ## add Spark to the environment (needs Java 17 or newer); make test then runs its tests too
	@command -v java >/dev/null || { printf '%s\n' "java was not found." \
	  "Expected Java 17 or newer, on which Spark runs." \
	  "Install it, then run make spark again; without it orders are read by the embedded engine." >&2; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock

oracles: $(READY)  ## make the oracle numbers anew (needs R; tests/oracles/README.md lists the packages)
	@command -v Rscript >/dev/null || { printf '%s\n' "Rscript was not found." \
	  "Expected R 4.2 or newer with the packages that tests/oracles/README.md lists." \
	  "Install R, then run make oracles again; make test needs none of it." >&2; exit 2; }
	@set -e; for folder in tests/oracles/*/; do (cd "$$folder"; echo "== $$folder"; \
	  if [ -f simulate.py ]; then ../../../$(BIN)/python simulate.py; fi; \
	  if [ -f make.R ]; then Rscript make.R; fi; \
	  if [ -f make.py ]; then ../../../$(BIN)/python make.py; fi; \
	  if [ -f check.py ]; then ../../../$(BIN)/python check.py; fi); done
	@git --no-pager diff --stat -- tests/oracles

lock: $(READY)  ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements.lock
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["spark"])' \
	  | uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate -q -o requirements-spark.lock

clean:  ## remove the environment; reports and data stay
	rm -rf .venv

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { printf '%s\n' \
	  "$(PYTHON) is missing or older than Python 3.11." \
	  "Expected Python 3.11 or newer." \
	  "Install it, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@echo "Making the environment in .venv (a few minutes, once)" >&2
	@rm -rf .venv && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
