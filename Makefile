# Each target makes what it needs: a newcomer runs `make demo`, then `make test`.
VENV ?= .venv
PYTHON ?= python3
RUN = $(VENV)/bin
INSTALLED = $(VENV)/.installed

.PHONY: setup demo check test bench docs clean release

setup: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade pip
	$(RUN)/python -m pip install --quiet --constraint constraints.txt --editable '.[read,offline,plot,llm,dev]'
	touch $@

demo: setup
	$(RUN)/corpuscope demo

check: setup
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy
	$(RUN)/lint-imports

test: check
	$(RUN)/pytest --numprocesses auto --dist worksteal

bench: setup
	$(RUN)/python -m benchmarks

docs: setup
	$(RUN)/pytest tests/test_docs.py

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache

release:
	$(PYTHON) tools/release.py "$(VERSION)"
