# Everything that a developer does here, on any machine with make and Python 3.11 or newer: `make help` lists it.
# Works with GNU make 3.81 (macOS) too. Targets that need the development environment set it up themselves.

MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
STAMP := $(VENV)/.stamp
RUN := $(VENV)/bin/python -m
SAM := PATH="$(CURDIR)/$(VENV)/bin:$$PATH" SAM_CLI_TELEMETRY=0 env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(RUN) samcli
SOURCES := layers/taskapi/taskapi functions local tools tests
PYTHON_VERSIONS := (3, 11) <= sys.version_info < (3, 15)

# npm writes these files when it has finished. Only the targets that say so need it.
DOCUMENT_TOOLS := tools/openapi/node_modules/.package-lock.json
TYPESCRIPT := examples/typescript/node_modules/.package-lock.json
AXE := tests/browser/node_modules/.package-lock.json
GENERATORS := tests/generators/node_modules/.package-lock.json
PLAYWRIGHT := $(VENV)/.playwright
HAS_NODE := command -v npm >/dev/null

# What users give. Their values reach the recipes through the environment and never as text of a command, so that no
# character in them means anything to make or the shell. USER is also the login name of whoever runs make.
PORT ?= 3000
TOKEN_USER := $(if $(filter command,$(firstword $(origin USER))),$(value USER),alice)
LOAD_SECONDS := $(if $(filter command,$(firstword $(origin SECONDS))),$(value SECONDS),30)
INVOKE_FUNCTION := $(value FUNCTION)
INVOKE_EVENT := $(value EVENT)
ARCHITECTURE ?= arm64
RATE ?= 100
MUTANTS_SEED ?= 1
MUTANTS_SAMPLE ?= 250
MUTANTS_LEAST ?= 97
RUNS := 15
CLIENTS := 4
GIVEN := BASE_URL TOKEN OTHER_TOKEN ORIGIN TABLE SUB RATE PORT ARCHITECTURE RUNS CLIENTS LEAK \
	CHAOS_SEED CHAOS_OPERATIONS SCHEMATHESIS_SEED MUTANTS_SEED MUTANTS_SAMPLE MUTANTS_LEAST MUTANTS_MODULES MUTANTS_SUITES
# Exporting would expand a "$" in them.
$(foreach name,$(GIVEN),$(eval override $(name) := $$(value $(name))))
export $(GIVEN) TOKEN_USER LOAD_SECONDS INVOKE_FUNCTION INVOKE_EVENT
WHOLE_NUMBER := $(RUN) local.make_variables
# Whether a variable is set to more than "no".
IS_SET = $(filter-out 0 no false,$($1))

##@ Run

.PHONY: run
run: $(STAMP) ## Serve the API on 127.0.0.1 (PORT=3000) without Docker or AWS
	@exec $(RUN) local.run --port "$$PORT"

.PHONY: token
token: $(STAMP) ## Print a development token (USER=alice); make -s prints nothing else
	@exec $(RUN) local.token -- "$$TOKEN_USER"

.PHONY: invoke
invoke: $(STAMP) ## Run one function in Lambda's runtime emulator: FUNCTION=create_task EVENT=events/create_task.json
	@if [ -z "$$INVOKE_FUNCTION" ] || [ -z "$$INVOKE_EVENT" ]; then \
		echo "error: give FUNCTION and EVENT, such as: make invoke FUNCTION=create_task EVENT=events/create_task.json" >&2; exit 1; \
	fi
	@exec $(RUN) local.invoke -- "$$INVOKE_FUNCTION" "$$INVOKE_EVENT"

.PHONY: events
events: $(STAMP) ## Write the files in events/, the authorizer's with fresh tokens
	@exec $(RUN) local.events

##@ Verify

# A worker for each processor. Files stay together, and in their order, since fixtures of theirs and of their folders start
# servers and engines.
PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder
NEEDS_ONLY_PYTHON := -m "not slow and not dynamodb_local and not browser and not built and not docker and not node and not generators and not smoke"
# Whose coverage counts. Tracing more than doubles the time of the others, most of which is spent in moto and SAM CLI.
MEASURED := tests/unit tests/connection

.PHONY: test
test: $(STAMP) ## Run the tests that need nothing but Python, with the branch coverage of those nearest to the code
	@failed=; $(RUN) pytest $(NEEDS_ONLY_PYTHON) $(PARALLEL) --ignore tests/faults $(MEASURED:%=--ignore %) || failed=1; \
	$(RUN) pytest $(NEEDS_ONLY_PYTHON) $(PARALLEL) $(MEASURED) --cov --cov-report=term:skip-covered && [ -z "$$failed" ]

.PHONY: test-engines
test-engines: $(STAMP) ## Run the store's contract and the tests under faults on DynamoDB Local (Java 17 and Maven)
	@$(RUN) pytest $(NEEDS_ONLY_PYTHON) $(PARALLEL) tests/faults
	@TEST_ENGINES=dynamodb-local $(RUN) pytest tests/contract tests/faults

.PHONY: guards
guards: $(STAMP) ## Say in a line each what an operation lacks (docs/contributing.md)
	@$(RUN) pytest -q --tb=line --no-header tests/infrastructure/test_operations.py tests/conformance/test_document.py

.PHONY: chaos
chaos: $(STAMP) ## 10,000 operations under mixed faults on DynamoDB Local, and an audit (CHAOS_SEED=, CHAOS_OPERATIONS=)
	@PYTHONPATH=layers/taskapi $(RUN) tests.faults

.PHONY: test-conformance
test-conformance: $(STAMP) ## 10,000 requests made up from docs/openapi.yaml, their answers held against it (SCHEMATHESIS_SEED=)
	@[ -z "$$SCHEMATHESIS_SEED" ] || $(WHOLE_NUMBER) SCHEMATHESIS_SEED 0 2147483647 -- "$$SCHEMATHESIS_SEED"
	@$(RUN) pytest --numprocesses auto --dist loadgroup tests/conformance/test_schemathesis.py

.PHONY: test-typescript
test-typescript: $(STAMP) $(TYPESCRIPT) ## Compile examples/typescript in strict mode and run it against the API (Node.js; its page in Chromium)
	@cd examples/typescript && npm run --silent compile
	@$(RUN) pytest tests/conformance/test_typescript.py tests/conformance/test_positions.py tests/conformance/test_page.py

.PHONY: test-generators
test-generators: $(STAMP) $(GENERATORS) ## Make clients of docs/openapi.yaml by generators, and use them (Java 17, Maven, Node.js, Go)
	@$(RUN) tests.generators.prerequisites >&2
	@[ -x build/generators/environment/bin/openapi-python-client ] || { \
		$(VENV)/bin/uv venv --quiet --clear build/generators/environment && \
		$(VENV)/bin/uv pip sync --quiet --require-hashes --python build/generators/environment/bin/python requirements/generators.txt; }
	@$(RUN) pytest tests/generators

.PHONY: test-browser
test-browser: $(STAMP) $(PLAYWRIGHT) $(AXE) ## Drive the example page in Chromium (BROWSER_EXECUTABLE=, BROWSER_SCREENSHOTS=docs/images)
	@$(RUN) tests.browser.prerequisites >&2
	@$(RUN) pytest $(PARALLEL) tests/browser

.PHONY: test-built
test-built: $(STAMP) ## Test what sam build makes for both processors (Python 3.13: installed, of uv, or in an image)
	@$(RUN) pytest -m built tests/layer

.PHONY: sam-image
sam-image: $(STAMP) ## Make the image task-api-python3.13: AWS's where it can be pulled, else a stand-in (Docker)
	@$(RUN) tools.runtime_image.image

.PHONY: test-sam
test-sam: $(STAMP) ## Test sam local, and run the unit and contract tests on Python 3.13 in the image (Docker)
	@$(RUN) tools.runtime_image.suites tests/unit tests/contract
	@$(RUN) pytest -m docker tests/sam

.PHONY: test-all
test-all: test test-engines test-conformance ## Run all tests; says what it left out, and why
	@if $(HAS_NODE); then $(MAKE) test-typescript lint-openapi; \
	else echo "Left out, since there is no npm: make test-typescript, make lint-openapi"; fi
	@if ! why=$$($(RUN) tests.browser.prerequisites); then echo "Left out, since $$why: make test-browser"; \
	else $(MAKE) test-browser; fi
	@if ! why=$$($(RUN) tests.generators.prerequisites); then echo "Left out, since $$why: make test-generators"; \
	else $(MAKE) test-generators; fi
	@if ! why=$$($(RUN) tools.runtime_image.docker_engine); then echo "Left out, since $$why: make test-sam"; \
	elif ! $(MAKE) sam-image; then echo "Left out, since the image can't be made: make test-sam"; \
	else $(MAKE) test-sam; fi
	@if ! why=$$($(RUN) tools.layer_build.interpreter); then echo "Left out, since $$why: make test-built"; \
	else $(MAKE) test-built; fi

.PHONY: check
check: $(STAMP) ## Check formatting, lint, types, the snippets and the template
	@echo "ruff format"; $(RUN) ruff format --check --quiet . || { echo "Run: make format" >&2; exit 1; }
	@echo "ruff check"; $(RUN) ruff check --quiet .
	@echo "mypy"; $(RUN) mypy --no-error-summary $(SOURCES)
	@echo "snippets"; $(RUN) tools.openapi.snippets --check
	@echo "cfn-lint"; $(VENV)/bin/cfn-lint template.yaml
	@$(MAKE) validate
	@$(MAKE) audit

LOCKS := layers/dependencies/requirements.txt $(sort $(wildcard requirements/*.txt))
# Findings that do not concern us: "--ignore-vuln ID" for each, and in a comment why.
ACCEPTED :=
AUDIT_LOCK = $(RUN) pip_audit --require-hashes --disable-pip --desc off --progress-spinner off $(ACCEPTED) --requirement

# pip-audit succeeds, too, when the service knows none of the packages; it lists those. When it reaches no service it
# fails as after a finding, but prints nothing.
.PHONY: audit
audit: $(STAMP) ## Look for known vulnerabilities in the locked packages (AUDIT_REQUIRED=1: fail when nobody can be asked)
	@echo "pip-audit"; mkdir -p build; found=; missed=; for lock in $(LOCKS); do \
		told=$$($(AUDIT_LOCK) $$lock 2>build/audit.log); \
		case $$?$${told:+told} in \
		0) echo "$$lock: $$(tail -n 1 build/audit.log)";; \
		0told) missed=1; echo "$$lock: NOT AUDITED: $$(printf '%s\n' "$$told" | grep -c audited) packages that the service does not know";; \
		*told) found=1; printf '%s\n' "$$lock:" "$$told";; \
		*) missed=1; echo "$$lock: NOT AUDITED: $$(tail -n 1 build/audit.log | cut -c 1-120)";; \
		esac; \
	done; \
	[ -z "$$found" ] || { echo "There are known vulnerabilities. Run: make lock UPGRADE=1"; exit 1; }; \
	[ -z "$$missed" ] || { echo "Not every package was audited. Run this where the vulnerability service can be reached."; \
		exit $(if $(call IS_SET,AUDIT_REQUIRED),1,0); }

.PHONY: validate
validate: $(STAMP) ## Validate the template with SAM CLI
	@echo "sam validate --lint"; $(SAM) validate --lint --region us-east-1

.PHONY: lint-openapi
lint-openapi: $(DOCUMENT_TOOLS) ## Lint docs/openapi.yaml with Redocly (Node.js)
	@cd tools/openapi && npm run --silent lint

.PHONY: format
format: $(STAMP) ## Format the code and mend what ruff can
	@$(RUN) ruff check --quiet --fix-only .
	@$(RUN) ruff format --quiet .

.PHONY: policy
policy: $(STAMP) ## Check the template with checkov, in an environment of its own under build
	@[ -x build/policy/bin/checkov ] || { $(VENV)/bin/uv venv --quiet --clear build/policy && \
		$(VENV)/bin/uv pip sync --quiet --require-hashes --python build/policy/bin/python requirements/policy.txt; }
	@$(RUN) tests.infrastructure.policy_check build/policy/bin/checkov

.PHONY: capacity
capacity: $(STAMP) ## Measure on DynamoDB Local what each operation costs; writes docs/capacity.md and .svg
	@PYTHONPATH=layers/taskapi $(RUN) tests.benchmarks.capacity

.PHONY: mutations
mutations: $(STAMP) ## Delete each permission, metric, route and gateway response in turn: a test must notice
	@$(RUN) tests.infrastructure.mutations

.PHONY: mutants
mutants: $(STAMP) ## Change the layer in 250 places, one at a time: tests must notice 97 % (MUTANTS_SEED=, MUTANTS_SAMPLE=)
	@$(WHOLE_NUMBER) MUTANTS_SEED 0 2147483647 -- "$$MUTANTS_SEED"
	@$(WHOLE_NUMBER) MUTANTS_SAMPLE 1 100000 -- "$$MUTANTS_SAMPLE"
	@$(WHOLE_NUMBER) MUTANTS_LEAST 0 100 -- "$$MUTANTS_LEAST"
	@[ -x build/mutants/venv/bin/mutmut ] || { $(VENV)/bin/uv venv --quiet --clear build/mutants/venv && \
		$(VENV)/bin/uv pip sync --quiet --require-hashes --python build/mutants/venv/bin/python requirements/mutants.txt; }
	@set -f; exec build/mutants/venv/bin/python -m tests.mutants --seed "$$MUTANTS_SEED" --sample "$$MUTANTS_SAMPLE" \
		--least "$$MUTANTS_LEAST" $${MUTANTS_MODULES:+--modules $$MUTANTS_MODULES} $${MUTANTS_SUITES:+--suites $$MUTANTS_SUITES}

.PHONY: bench
bench: $(STAMP) ## Measure the functions in Lambda's runtime beside peers (RUNS=15); fails over a limit, writes build/bench.json
	@$(WHOLE_NUMBER) RUNS 1 1000 -- "$$RUNS"
	@$(BENCH_BUILD) && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" PYTHONPATH=layers/taskapi \
		$(RUN) tests.benchmarks.lambda_runtime --built build/bench/sam --runs "$$RUNS"

.PHONY: bench-bodies
bench-bodies: $(STAMP) ## Measure the CPU time of the costliest bodies and parameters; fails over 50 ms, or 25 times a plain body
	@PYTHONPATH=layers/taskapi $(RUN) tests.benchmarks.worst_inputs

.PHONY: load
load: $(STAMP) ## Load the functions in Lambda's runtime: SECONDS=30 CLIENTS=4, or LEAK=100000 requests to one process
	@$(WHOLE_NUMBER) SECONDS 1 86400 -- "$$LOAD_SECONDS"
	@$(WHOLE_NUMBER) CLIENTS 1 1000 -- "$$CLIENTS"
	@[ -z "$$LEAK" ] || $(WHOLE_NUMBER) LEAK 1 100000000 -- "$$LEAK"
	@$(BENCH_BUILD) && PATH="$(CURDIR)/$(VENV)/bin:$$PATH" PYTHONPATH=layers/taskapi \
		$(RUN) tests.benchmarks.load --built build/bench/sam --seconds "$$LOAD_SECONDS" --clients "$$CLIENTS" $${LEAK:+--leak "$$LEAK"}

# A build of their own, for this machine's processor.
MACHINE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
BENCH_BUILD = mkdir -p build/bench && $(SAM) build --build-dir build/bench/sam \
	--parameter-overrides "Architecture=$(MACHINE)" >build/bench/build.log 2>&1 || { cat build/bench/build.log >&2; exit 1; }

.PHONY: smoke
smoke: $(STAMP) ## Check a deployment: BASE_URL=https://... TOKEN=... (OTHER_TOKEN=, ORIGIN=, SKIP_GATEWAY=1)
	@SKIP_GATEWAY=$(if $(call IS_SET,SKIP_GATEWAY),1) exec $(RUN) tests.smoke

##@ Operate

.PHONY: delete-user
delete-user: $(STAMP) ## Delete a user's data: TABLE=... SUB=... (DRY_RUN=1, YES=1, RATE=100)
	@exec $(RUN) tools.operators.delete_user --table="$$TABLE" --sub="$$SUB" --rate="$$RATE" \
		$(if $(call IS_SET,DRY_RUN),--dry-run) $(if $(filter 1 yes true,$(YES)),--yes)

.PHONY: dynamodb
dynamodb: $(STAMP) ## Run DynamoDB Local on 127.0.0.1:8000, its data kept in build (needs Java and Maven)
	@exec $(RUN) local.engines.dynamodb_local

##@ Build

.PHONY: build
build: $(STAMP) ## Build functions and layers for Lambda (ARCHITECTURE=arm64 or x86_64) into .aws-sam
	@case "$$ARCHITECTURE" in arm64 | x86_64) ;; \
	*) echo "error: ARCHITECTURE must be arm64 or x86_64, not '$$ARCHITECTURE'" >&2; exit 1;; esac
	@$(SAM) build --parameter-overrides "Architecture=$$ARCHITECTURE"
	@$(RUN) tools.layer_build.report

.PHONY: snippets
snippets: $(STAMP) ## Write the snippets of docs/frontend.md from the TypeScript example
	@$(RUN) tools.openapi.snippets

.PHONY: reference
reference: $(STAMP) $(DOCUMENT_TOOLS) ## Make the API reference in build/reference, which make run serves at /docs/ (Node.js)
	@$(RUN) tools.openapi.reference

.PHONY: lock
lock: $(STAMP) ## Compile the lock files from requirements/*.in (UPGRADE=1: to the newest versions)
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) $(if $(call IS_SET,UPGRADE),--upgrade) --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.11 -c requirements/dev.txt requirements/uv.in -o requirements/uv.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.11 -c requirements/dev.txt requirements/browser.in -o requirements/browser.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.11 -c requirements/dev.txt requirements/generators.in -o requirements/generators.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.11 requirements/policy.in -o requirements/policy.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.11 requirements/mutants.in -o requirements/mutants.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.13 -c requirements/dev.txt requirements/bench.in -o requirements/bench.txt
	@$(VENV)/bin/uv pip compile $(LOCK_OPTIONS) --python-version 3.13 -c requirements/dev.txt requirements/runtime.in -o layers/dependencies/requirements.txt

# Hashes pin every file; the locks name no index, so that any mirror serves.
LOCK_OPTIONS := --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links

# Packages of Node.js, which only the targets that say so need.
$(DOCUMENT_TOOLS) $(TYPESCRIPT) $(AXE) $(GENERATORS): %/node_modules/.package-lock.json: %/package-lock.json %/package.json
	@$(HAS_NODE) || { echo "This needs Node.js 20.19 or newer with npm (Debian, Ubuntu: apt-get install nodejs npm)" >&2; exit 1; }
	@cd $* && npm ci --silent && touch node_modules/.package-lock.json

# Apart from the other packages: large, and not there for every platform.
$(PLAYWRIGHT): $(STAMP) requirements/browser.txt
	@echo "Installing the packages of requirements/browser.txt" >&2
	@$(PIP_INSTALL) -r requirements/browser.txt || { $(INDEX_IS_UNREACHABLE); exit 1; } >&2
	@touch $@

##@ Housekeeping

.PHONY: setup
setup: $(STAMP) ## Make the development environment in .venv (PYTHON=/path/to/python)

.PHONY: clean
clean: ## Delete everything generated, except .venv and what clean-data deletes
	@rm -rf tools/openapi/node_modules tests/browser/node_modules tests/generators/node_modules examples/typescript/node_modules examples/typescript/build examples/typescript/src/openapi.d.ts
	@[ ! -d build ] || find build -mindepth 1 -maxdepth 1 $(foreach each,$(KEPT),! -path $(each)) -exec rm -rf {} +
	@rm -rf .aws-sam .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# What nobody can make again.
KEPT := build/dynamodb-local-data build/local

.PHONY: clean-data
clean-data: ## Delete the data of make dynamodb and the key of development tokens: those that were printed are void
	@rm -rf $(KEPT)

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# The stamp is written last, so a set-up that was interrupted starts anew. All of it goes to stderr: what a target
# prints on stdout is its own. uv is quick; where it can't be had or can't reach the index (it does not read pip's
# configuration, where a mirror may be named), pip installs the same files.
$(STAMP): requirements/dev.txt requirements/uv.txt
	@{ python=$$($(FIND_PYTHON)) && \
	echo "Setting up $(VENV) with $$("$$python" --version) (once, about a minute) ..." && \
	"$$python" -m venv --clear $(VENV) && \
	echo "  installing uv" && \
	if $(PIP_INSTALL) -r requirements/uv.txt && echo "  installing the packages of requirements/dev.txt" && \
		$(VENV)/bin/uv pip sync --quiet --compile-bytecode --require-hashes --python $(VENV)/bin/python requirements/dev.txt; \
	then :; elif $(INDEX_IS_UNREACHABLE); then exit 1; else \
		echo "  uv could not do it; pip takes a few minutes" && \
		"$$python" -m venv --clear $(VENV) && \
		{ $(PIP_INSTALL) -r requirements/dev.txt || { $(INDEX_IS_UNREACHABLE); exit 1; }; }; \
	fi && touch $@ && echo "  done"; } >&2

PIP_LOG := $(VENV)/pip.log
PIP_INSTALL := $(VENV)/bin/python -m pip install --quiet --log $(PIP_LOG) --disable-pip-version-check --require-hashes --no-deps
# Of an index that it can't reach, pip says only that it has no matching distribution.
INDEX_IS_UNREACHABLE := grep -qs 'Could not fetch URL.*\(connection error\|timed out\|certificate\)' $(PIP_LOG) && \
	echo "error: the package index can't be reached. Is there a network, and does it need a proxy (HTTPS_PROXY) or a mirror (pip config)?"

# Prints the first Python that is new enough and can make virtual environments. A name on PATH may be a version
# manager's shim for something that is not installed, so each is run.
define FIND_PYTHON
found=; \
for candidate in $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.14 python); do \
	"$$candidate" -c "import sys; sys.exit(not $(PYTHON_VERSIONS))" 2>/dev/null || continue; \
	found=$$candidate; \
	"$$candidate" -c "import ensurepip, venv" 2>/dev/null && { echo "$$candidate"; exit 0; }; \
done; \
if [ -n "$$found" ]; then \
	echo "$$found can't make virtual environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"; \
else \
	echo "No Python from 3.11 to 3.14 found: install one, or say where it is: make setup PYTHON=/path/to/python3"; \
fi >&2; exit 1
endef
