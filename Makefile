# Everything that is done here more than once. `make` alone lists it.

.DEFAULT_GOAL := help
.SUFFIXES:

# Passed on to the command: make test ARGS="-k customers -x"
ARGS ?=
# What `make build` builds for: arm64 or x86_64
ARCHITECTURE ?= arm64

python := .venv/bin/python
# sam looks for python3.13 on the PATH, and its own environment has one
sam := PATH="$(CURDIR)/.venv-sam/bin:$$PATH" SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-eu-central-1} .venv-sam/bin/sam
tests := tests/unit tests/functional tests/infrastructure tests/e2e

##@ Everyday

.PHONY: help
help: ## List the commands
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: setup ## Run the whole product on this machine
	@$(python) -m local run $(ARGS)

.PHONY: test
test: setup setup-node ## Run all tests (ARGS="-k word", DYNAMODB=local for AWS's own DynamoDB Local)
	$(python) -m pytest $(tests) $(ARGS)

.PHONY: lint
lint: lint-style lint-types lint-imports lint-template ## Check style, types, the dependency rule and the template

.PHONY: format
format: setup ## Format the code and mend what can be mended automatically
	$(python) -m ruff check --fix --exit-zero --quiet .
	$(python) -m ruff format .

##@ Parts of the above

.PHONY: setup
setup: ## Make the environments (done by every command that needs them)
	@scripts/setup .venv .venv-ministack .venv-localstripe

.PHONY: setup-node
setup-node:
	@scripts/setup node

.PHONY: setup-sam
setup-sam:
	@scripts/setup .venv-sam

.PHONY: setup-dynamodb
setup-dynamodb: setup
	@$(python) -m local.dynamodb_local .local/dynamodb-local

.PHONY: unit functional infrastructure e2e
unit: setup ## Run the unit tests
functional: setup ## Run the functional tests
infrastructure: setup ## Run the tests of the template and the layers
e2e: setup setup-node ## Run the end-to-end tests
test functional: $(if $(filter local,$(DYNAMODB)),setup-dynamodb)
unit functional infrastructure e2e:
	$(python) -m pytest tests/$@ $(ARGS)

.PHONY: lint-style lint-types lint-imports lint-template
lint-style: setup
	$(python) -m ruff check .
	$(python) -m ruff format --check .

lint-types: setup
	$(python) -m mypy layers/billing/billing local

lint-imports: setup
	.venv/bin/lint-imports

# sam is large, so away from CI it joins in only when it is there
lint-template: setup $(if $(CI),setup-sam)
	.venv/bin/cfn-lint template.yaml
	@if [ -x .venv-sam/bin/sam ]; then set -x; $(sam) validate --lint; fi

##@ Working with a running system

.PHONY: redrive
redrive: setup ## Send failed records from the failure destination through once more
	@$(python) -m local redrive $(ARGS)

.PHONY: events
events: setup ## Show the events as they are published
	@$(python) -m local events $(ARGS)

.PHONY: mint-key
mint-key: setup ## Make an API key for a merchant
	@$(python) -m local mint-key $(ARGS)

##@ Building

.PHONY: build
build: setup setup-sam ## Build for deployment without a container (ARCHITECTURE=x86_64) and print the layers' sizes
	LAYER_ARCHITECTURE=$(ARCHITECTURE) $(sam) build --no-cached --no-use-container --parameter-overrides Architecture=$(ARCHITECTURE) $(ARGS)
	@$(python) layers/build.py sizes .aws-sam/build/DependenciesLayer .aws-sam/build/BillingLayer \
	  .aws-sam/build/DocumentsLayer

.PHONY: layers-host
layers-host: setup ## Build the layers for this machine into .build/layers
	@$(python) layers/build.py dependencies .build/layers/dependencies --architecture host
	@$(python) layers/build.py billing .build/layers/billing
	@$(python) layers/build.py documents .build/layers/documents --architecture host
	@$(python) layers/build.py sizes .build/layers/dependencies .build/layers/billing .build/layers/documents

.PHONY: openapi
openapi: setup ## Write the OpenAPI document from the endpoints
	@$(python) -m scripts.openapi $(ARGS)

.PHONY: bench
bench: setup layers-host ## Measure against the budgets
	@$(python) -m bench $(ARGS)

.PHONY: lock
lock: setup ## Lock the newest versions that requirements/*.in allow
	@cd requirements && for name in uv runtime documents dev ministack localstripe sam; do \
	  echo "locking $$name"; \
	  ../.uv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" --output-file $$name.txt $$name.in || exit 1; \
	done
	@! command -v npm >/dev/null || npm --prefix tests/e2e update --package-lock-only --omit-lockfile-registry-resolved --loglevel=error
	@! grep -n "://" requirements/*.txt tests/e2e/package-lock.json || { echo "a lock holds an address" >&2; exit 1; }

##@ Cleaning

.PHONY: clean
clean: ## Remove what was built and the caches, not the environments and not the local runtime's state
	rm -rf .build .aws-sam .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.venv*' -prune -exec rm -rf {} +

.PHONY: clean-state
clean-state: ## Remove the local runtime's state: its tables, mail and keys
	rm -rf .local

##@ Real runtimes

.PHONY: sam-invoke
sam-invoke: setup setup-sam ## Run FUNCTION=CreateCustomer in its container, on its sample (EVENT=file)
	@$(python) -m scripts.sam_invoke $(FUNCTION) $(if $(EVENT),--event $(EVENT)) $(ARGS)

.PHONY: sam-invoke-all
sam-invoke-all: setup setup-sam ## Run every function in its container (ARGS=--one-per-capability)
	@$(python) -m scripts.sam_invoke $(or $(ARGS),--all)

.PHONY: sam-ready
sam-ready: setup setup-sam ## Prepare for plain `sam local invoke`, until Ctrl-C
	@$(python) -m scripts.sam_invoke --ready $(ARGS)

.PHONY: deploy-local
deploy-local: setup setup-sam ## Deploy with sam to an AWS on this machine, and check what stands there
	@$(python) -m scripts.deploy_local $(ARGS)

.PHONY: costs
costs: setup ## Print what a million calls cost on AWS, from what `make bench` measured
	@$(python) -m scripts.costs $(ARGS)
