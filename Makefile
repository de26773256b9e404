# Every target makes its own environment: `make demo` and `make test` need Python 3.11+, make, git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Native and pure builds differ in what is installed, so each leaves its own mark.
MODE := $(if $(filter-out 0,$(MERIDIAN_PURE)),pure,native)
INSTALLED := $(VENV)/.installed-$(MODE)
PEERS := $(VENV)/.installed-peers
BENCH := $(VENV)/.installed-bench
FUZZ := $(VENV)/.installed-fuzz
KERNELS := $(shell find src -name '*.pyx' -o -name '*.pxd')

# A step that fails half-way (no network) must be done again, not taken for done.
.DELETE_ON_ERROR:

N ?= 200000
SEED ?= 1

.PHONY: demo test soak fuzz fuzz-guided check bench peers asan doctor clean

demo: $(INSTALLED)
	$(BIN)/meridian demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -m "not peers" -n auto --dist loadfile $(ARGS)

# Random operations on every book, compared after each: make soak N=200000 SEED=1
soak: $(INSTALLED)
	$(BIN)/python tests/book/soak.py $(N) $(SEED)

# Mutated dialogues against FIX sessions: N inputs; a life that fails is kept with its seed.
fuzz: $(INSTALLED)
	$(BIN)/python tests/fuzz/fuzz_run.py $(N) $(SEED)

# The same lives, N of them, led by coverage (atheris).
fuzz-guided: $(FUZZ)
	MERIDIAN_PURE=1 $(BIN)/python tests/fuzz/fuzz_guided.py -runs=$(N) -max_len=4096 -len_control=0

check: $(INSTALLED)
	$(BIN)/lint-imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(BENCH)
	$(BIN)/python -m benches $(ARGS)

peers: $(PEERS)
	$(BIN)/python -m pytest -m peers tests/peers $(ARGS)

# The kernels under AddressSanitizer, built aside: reads and writes out of bounds end the tests.
asan: $(INSTALLED)
	$(PIP) install -q --group asan
	BIN=$(CURDIR)/$(BIN) tests/asan.sh $(ARGS)

doctor: $(INSTALLED)
	$(BIN)/meridian doctor

clean:
	rm -rf $(VENV) build src/*.egg-info
	find src -name '*.so' -delete

$(BIN)/python:
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Meridian needs Python 3.11 or later"'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q --upgrade "pip>=25.1"

$(INSTALLED): $(BIN)/python pyproject.toml setup.py $(KERNELS)
	rm -f $(VENV)/.installed-native $(VENV)/.installed-pure
	find src -name '*.so' -delete
	$(PIP) install -q -e . --group dev
	touch $@

$(BENCH): $(INSTALLED)
	$(PIP) install -q --group bench
	touch $@

$(FUZZ): $(INSTALLED)
	$(PIP) install -q --group fuzz
	touch $@

$(PEERS): $(INSTALLED)
	$(PIP) install -q --group peers
	touch $@
