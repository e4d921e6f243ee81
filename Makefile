# Everything a developer types. `make` alone lists it; each target does all the set-up that it needs.
SHELL := /bin/bash
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/countersign/target
LOCKED := $(if $(CI),--locked)
WITHOUT_TAURI := --workspace --exclude countersign-desktop --exclude countersign-tests
UI_BUILT := ui/node_modules/.ui-built
UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: system packages, UI packages
	@scripts/setup.sh

run: build ## start the console (on a virtual display if there is none); ARGS="--profile NAME" and so on
	@scripts/run.sh $(ARGS)

demo: build ## start the console with an empty data folder that is thrown away
	@scripts/demo.sh

test: check ui-test build ## every test: rules, UI, both store engines, keyring, browser, window
	cargo test --workspace $(LOCKED)

test-fast: setup ## the Rust tests that need neither Tauri nor a window
	cargo test $(WITHOUT_TAURI) $(LOCKED)
	cargo test -p countersign-tests --test house $(LOCKED)

bench: setup ## run every benchmark
	@scripts/bench.sh

bindings: setup ## rewrite what is generated: the TypeScript of ui/src/bindings, docs/openapi.json
	UPDATE_BINDINGS=1 cargo test -p countersign-desktop --lib $(LOCKED) bindings
	UPDATE_OPENAPI=1 cargo test -p countersign-tests --test openapi_document $(LOCKED) the_committed_description

check: $(UI_BUILT) ## formatting, lints and types, of Rust and of the UI
	cargo fmt --all --check
	cd ui && npm run check
	cargo clippy --workspace --all-targets $(LOCKED) -- -D warnings

release: setup ## optimised programs, with the UI inside
	cd ui && npm run build
	cargo build --workspace --bins --release --locked
	@echo "in $(CARGO_TARGET_DIR)/release: countersign, countersign-desktop"

build: $(UI_BUILT) # both programs
	cargo build --workspace --bins $(LOCKED)

ui-test: setup
	cd ui && npm test

# Built again only when a source is newer, so that an unchanged UI does not link the desktop again.
$(UI_BUILT): $(UI_SOURCES) $(if $(wildcard ui/dist/assets),,FORCE) | setup
	cd ui && npm run build
	@touch $@

FORCE:
.PHONY: help setup run demo test test-fast bench bindings check release build ui-test FORCE
