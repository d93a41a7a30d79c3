# Cutover's commands; `make help` lists them. Everything that the tests need beyond Rust and Python is installed into .venv.

.DEFAULT_GOAL := help
.PHONY: help test demo simulate simulate-wire mutations fuzz mutants build package build-Function

PYTHON ?= python3
export SAM_CLI_TELEMETRY = 0
export RELEASES SEED WORLD FAULTS LEAVE_OUT VIOLATIONS CORES MUTATIONS CASE EVERY TARGETS MODULES

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: .venv/installed ## Run every check and every test, and say at the end what ran
	@tests/run

demo: ## Watch the shipped binary set a fleet up, release two and roll one back, on a simulated AWS
	@cargo build --locked --release --bin bootstrap
	@cargo build --locked -p demo
	@CUTOVER_BINARY="$(CURDIR)/target/release/bootstrap" cargo run --locked --quiet -p demo

# SEED=201-205 shares the releases among five seeds, with one table; of a million or more it's asked that each fault and law was met
# often enough. WORLD=w plays one world alone and tells its story; FAULTS=none (or some, with commas) says what may strike.
simulate: ## Play RELEASES=n random releases from SEED=s, the nine laws judged by the world
	@cargo build --locked --profile sim -p simulate
	@target/sim/simulate

# CASE=name plays one case alone and shows its calls; EVERY=k kills at every kth call only.
simulate-wire: ## Kill the shipped binary at every call, and play RELEASES=n in bad weather on the wire from SEED=s
	@cargo build --locked --release --bin bootstrap
	@cargo build --locked -p simulate-wire
	@CUTOVER_BINARY="$(CURDIR)/target/release/bootstrap" target/debug/simulate-wire

# MUTATIONS="AbsentIsOk,EveryGroup" says which.
mutations: ## Build each known defect in, one after the other, and find it by the law that it breaks
	@cargo build --locked --profile sim -p simulate --features mutations
	@RELEASES=$${RELEASES:-20000} target/sim/simulate

# TARGETS="payload tags" says which; what breaks one is kept in target/fuzz/artifacts.
fuzz: target/tools/bin/cargo-fuzz ## Search SECONDS=n a target for bytes that break a parser's promise
	@tests/fuzz/run $(SECONDS)

# MODULES="decide policy ledger" says where.
mutants: target/tools/bin/cargo-mutants ## Change what decides, one small thing at a time, and list the changes that no test sees
	@tests/mutants

# Tools of cargo's that a test doesn't need: installed once, in a folder that git ignores.
target/tools/bin/cargo-fuzz: VERSION = 0.13.2
target/tools/bin/cargo-mutants: VERSION = 27.1.0
target/tools/bin/cargo-%:
	cargo install --locked --root target/tools --version $(VERSION) cargo-$*

build: ## Build the release binary, target/release/bootstrap
	cargo build --locked --release --bin bootstrap

package: ## Put into dist/ what somebody without Rust deploys (ARCHITECTURE=arm64 or x86_64)
	@mkdir -p target/package
	@$(MAKE) --no-print-directory build-Function ARTIFACTS_DIR="$(CURDIR)/target/package"
	@$(PYTHON) infra/package.py target/package/bootstrap $(ARCHITECTURE)

# The processor that Lambda runs the binary on, arm64 or x86_64: what `sam deploy` finds in samconfig.toml too, so that both
# go by one word. (SAM hands a makefile no parameter.)
ARCHITECTURE ?= $(shell sed -n 's/.*Architecture=[\\"]*\([a-z0-9_]*\).*/\1/p' samconfig.toml | tail -n 1)

# `sam build` calls this: the binary for Lambda's machines, into the folder that SAM packs. cargo-lambda links it for a
# glibc that they have.
build-Function:
	cargo lambda build --locked --release $(if $(filter x86_64,$(ARCHITECTURE)),--x86-64,--arm64) --bin bootstrap
	cp target/lambda/bootstrap/bootstrap "$(ARTIFACTS_DIR)/"

# The stamp is written last, so an installation that was cut short begins again.
.venv/installed: tests/requirements.txt
	@echo "== the tests' Python environment"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@
