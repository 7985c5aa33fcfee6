# One door for developers: `make check` is what a change must pass.

.PHONY: check lint test full docs format written clean

check: lint docs test

lint: ## format, lint, types, import contracts
	scripts/lint

test: ## all tests, drills and properties with a tenth of their counts
	./scripts/test

full: ## all tests with full counts
	./scripts/test --full

docs: ## the documents agree with the program and with each other
	./scripts/test -q tests/docs

format: ## rewrite the code in our format
	scripts/setup dev
	.venv/bin/ruff check --fix --quiet . || true
	.venv/bin/ruff format .

written: ## write anew what the program writes: messages, reference, the README's tour
	scripts/setup dev
	.venv/bin/python scripts/messages
	.venv/bin/python scripts/reference
	.venv/bin/python scripts/cli_reference.py
	.venv/bin/python scripts/readme_tour.py

clean: ## forget the environment and everything built
	rm -rf .venv .venv.lock build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
