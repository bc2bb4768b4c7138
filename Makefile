# `make` alone lists the targets.
#   make run ARGS="--listen 0.0.0.0:8080"     flags for the server
#   make bench ARGS="--only 64 -- --in-flight 8"   flags for the benchmark, then for `load`
#   make drill ARGS="--only server-killed"    flags for the drills
#   make attack ARGS="--only pastes"         flags for the attacks
#   make simulate SEEDS=100000               how many runs

BIN := $${CARGO_TARGET_DIR:-target}
# Root's home is closed to the account that the server becomes, so root's data lives in /var/lib. That of `make cluster`
# is beside it: the account owns the directory of `make run`.
DATA := $(shell [ "$$(id -u)" = 0 ] && echo /var/lib/gridloom || echo "$${XDG_DATA_HOME:-$$HOME/.local/share}/gridloom")
CLUSTER := $(shell [ "$$(id -u)" = 0 ] && echo /var/lib/gridloom-cluster || echo "$${XDG_DATA_HOME:-$$HOME/.local/share}/gridloom/cluster")
ARGS ?=

.PHONY: help run cluster test fmt lint drill attack simulate bench bench-cluster bench-files bench-peers bench-persons fuzz fuzz-decode fuzz-frames audit web wasm wasm-vectors setup setup-cluster setup-python setup-test

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

# The server and gridctl, by the profile that builds quickly (see Cargo.toml).
PROGRAMS := echo "building the server and gridctl: minutes the first time, seconds later" >&2 \
	&& cargo build --locked --profile quick -p grpc-server -p client --bin gridloom --bin gridctl

# Set by environment, so that a flag in ARGS overrides it.
run: export GRIDLOOM_DATA_DIR ?= $(DATA)
run: export GRIDLOOM_WEB_DIR ?= $(CURDIR)/web-client/dist
run: web ## build everything and serve; prints the address and the next step
	@$(PROGRAMS)
	@exec scripts/serve "$(BIN)/quick" $(ARGS)

# The queries of `make cluster` on several processes. Built apart: Ballista needs more of DataFusion, which would then be
# built again by the next `make run`.
ENGINE := echo "building gridloom-engine: minutes the first time" >&2 \
	&& cargo build --locked --profile quick -p gridloom-engine --bin gridloom-engine

# With the same data each time, beside those of `make run`.
cluster: export GRIDLOOM_WEB_DIR ?= $(CURDIR)/web-client/dist
cluster: web setup-cluster ## three servers behind a balancer, with a Postgres, a Redis, and an engine of three processes; Ctrl-C ends all of them
	@$(PROGRAMS)
	@$(ENGINE)
	@exec scripts/cluster "$(BIN)/quick/gridloom" "$(CLUSTER)" $(ARGS)

test: setup-test web wasm-vectors ## every test: Rust, TypeScript, whole system
	@scripts/test

fmt: setup ## format the sources
	@cargo fmt --all
	@npm --prefix web-client run --if-present format

lint: setup-test wasm wasm-vectors ## the checks of CI besides the tests
	@scripts/lint

# Built as for the tests: with the assertions of a debug build.
drill: setup ## inject one fault after the other under writers; no accepted edit may be lost
	@cargo build --locked --workspace --bins
	@"$(BIN)/debug/drill" $(ARGS)

SEEDS ?= 20000
simulate: setup ## run the server's core with seeded crashes, disk faults and Postgres faults
	@GRIDLOOM_SEEDS=$(SEEDS) cargo test --locked -p integration --test simulation -- --nocapture

fuzz-frames: setup ## play hostile sessions against a sheet: random frames, early, twice, out of order
	@GRIDLOOM_SEEDS=$(SEEDS) cargo test --locked -p integration --test simulation runs_of_hostile -- --nocapture

attack: setup ## attack a server held to 2 GiB in all known ways, and measure how others are served meanwhile
	@cargo build --locked --release --workspace --bins
	@"$(BIN)/release/attack" $(ARGS)

bench: ## measure the server: medians of short runs, beside the bare transport and the bare disk
	@scripts/bench $(ARGS)

bench-cluster: setup-cluster ## measure one hot sheet on one server, and on three
	@scripts/bench-cluster $(ARGS)

bench-files: setup-python ## measure files beside DuckDB and psql: reading, views, summaries, pages, sheets, saved files
	@scripts/bench-files $(ARGS)

bench-persons: setup-cluster ## measure messages, presence and roles, on one server, and on three
	@scripts/bench-persons $(ARGS)

fuzz: ## millions of cases, random and exhaustive, against the laws of the engine
	@cargo run --locked --release -p ot-engine --example fuzz -- $(if $(ARGS),$(ARGS),--pairs 10000000 --networks 100000 --lines 4)

fuzz-decode: ## coverage-guided fuzzing of the engine's decoders; ARGS: seconds for each target
	@scripts/fuzz $(ARGS)

audit: ## compare the lock files with the lists of known weaknesses; needs the network
	@scripts/audit $(ARGS)

bench-peers: ## the engine side by side with CRDT libraries
	@cargo run --locked --release --manifest-path integration/peers/Cargo.toml

web: setup wasm ## build the browser application into web-client/dist
	@scripts/web

wasm: setup ## build the engine for the browser
	@scripts/wasm

wasm-vectors: setup ## build the WebAssembly module that runs the test vectors
	@scripts/wasm vectors

setup: ## install the missing tools of `make run`
	@scripts/setup

setup-cluster: ## install the missing tools of `make cluster`, too
	@scripts/setup cluster

setup-python: ## install the missing tools of `make run`, and the Python packages of the tests
	@scripts/setup python

setup-test: ## install the missing tools of the tests, too
	@scripts/setup test
