# make demo   set up (first time) and run the dev-team scenario
# make test   set up (first time) and run every check
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
PYTEST_ARGS ?= -n 2

.PHONY: demo test setup lint types contracts check-tools lock clean

demo: setup
	@$(BIN)/practicum demo

test: setup lint types contracts
	@$(BIN)/pytest $(PYTEST_ARGS)

setup: $(STAMP)

check-tools:
	@command -v git >/dev/null || { echo "git is missing:  apt-get install -y git"; exit 2; }
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing:  apt-get install -y python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed:  apt-get install -y python3.11 python3.11-venv"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing:  apt-get install -y python3-venv"; exit 2; }

$(STAMP): requirements.lock pyproject.toml | check-tools
	@echo "setting up $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q practicum
	@touch $(STAMP)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "format with: $(BIN)/ruff format ."; exit 1; }

types: setup
	@$(BIN)/mypy

contracts: setup
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

# The lock holds hashes and no index addresses; needs the registry.
lock:
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate --all-extras --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .practicum .mypy_cache .ruff_cache .import_linter_cache
