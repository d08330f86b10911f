# The one door: everything a developer, CI or a release runs is a target here. `make` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The configuration that synth, check, deploy, diff and destroy read.
CONFIG ?= pathproof.yaml
# What a change may delete or replace although others would miss it, such as ALLOW_DESTROY=network/seoul/app,site/idc.
ALLOW_DESTROY ?=
# When the CDK CLI asks before it deploys: never, any-change or broadening. Without a terminal it can only be never.
APPROVAL ?= broadening
# More arguments for go test, such as TESTFLAGS=-v, which also shows the tests that did not run and why.
TESTFLAGS ?=
# More arguments for the CDK CLI, such as ARGS='--exclusively reference-routes-seoul'.
ARGS ?=

GOLANGCI_LINT := v2.15.0
GOVULNCHECK := v1.8.0

# npm writes this file last, so it says that the installation is complete.
NODE_MODULES := node_modules/.package-lock.json
CDK := node_modules/.bin/cdk

# The pinned Node.js first: CDK's runtime, started by Go programs and tests, takes the node it finds on PATH.
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
export CDK_DISABLE_CLI_TELEMETRY := true
export CDK_DISABLE_VERSION_CHECK := 1

# Without JSII_RUNTIME every program that links CDK unpacks its runtime into a temporary folder. The module cache has
# the same files; the variable stays unset until go.mod's version is in there, so nothing is downloaded for it.
JSII_VERSION := $(shell sed -n 's|^.*github.com/aws/jsii-runtime-go \(v[^ ]*\).*$$|\1|p' go.mod 2>/dev/null)
JSII_JS := $(wildcard $(shell go env GOMODCACHE 2>/dev/null)/github.com/aws/jsii-runtime-go@$(JSII_VERSION)/internal/embedded/resources/bin/jsii-runtime.js)
ifneq ($(JSII_JS),)
JSII_RUNTIME ?= exec node $(JSII_JS)
export JSII_RUNTIME
endif

# $(call build,NAME) brings .build/NAME up to date. A built program keeps its own exit status, which `go run` hides.
# Version control data stays out of it: a commit must not cost a new link.
build = { test -e .build/$(1) || echo 'compiling bin/$(1) (the first time takes a few minutes) ...' >&2; } && \
	go build -buildvcs=false -o .build/$(1) ./bin/$(1)

# The CDK CLI runs the app with the same configuration as `make synth`.
APP = --app '.build/synth --config "$(CONFIG)"'

ALLOWED = $(if $(ALLOW_DESTROY),--allow-destroy "$(ALLOW_DESTROY)")

.PHONY: help tools check synth diff deploy destroy vet test test-fast e2e drill affinity-drill live snap schemas bench bench-probe lab-paths lab-edge lint

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

tools: $(NODE_MODULES) ## install the pinned Node.js and CDK CLI into node_modules
	@echo "node $$(node --version), CDK CLI $$($(CDK) --version), $$(go version | cut -d' ' -f3)"

$(NODE_MODULES): package.json package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing; install Node.js 22 or 24, which brings it' >&2; exit 1; }
	@echo 'installing Node.js and the CDK CLI into node_modules (once, about 20 s) ...' >&2
	@npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
	@test -x node_modules/.bin/node || echo 'no pinned Node.js for this platform, the one on PATH is used; it has to be 22 or 24' >&2
	@touch $@

check: ## prove the configuration offline: addresses, routes, paths, limits (no Node.js)
	@$(call build,pathproof)
	@.build/pathproof check "$(CONFIG)"

synth: $(NODE_MODULES) ## turn the configuration into templates in cdk.out and validate them
	@$(call build,synth)
	@.build/synth --config "$(CONFIG)" --verify

# What the change means comes first, and ends here if it is refused; then what CloudFormation's templates say, line by line.
diff: $(NODE_MODULES) ## compare with what is deployed, as a network and as templates (needs AWS credentials)
	@$(call build,pathproof)
	@.build/pathproof diff "$(CONFIG)" $(ALLOWED)
	@$(call build,synth)
	@$(CDK) diff $(APP) $(ARGS)

deploy: $(NODE_MODULES) ## check against what is deployed, then deploy all stacks (needs AWS credentials)
	@$(call build,pathproof)
	@.build/pathproof check "$(CONFIG)" --against deployed $(ALLOWED)
	@$(call build,synth)
	@$(CDK) deploy $(APP) --all --require-approval $(APPROVAL) $(ARGS)

destroy: $(NODE_MODULES) ## delete all stacks, in reverse order (needs AWS credentials)
	@$(call build,synth)
	@$(CDK) destroy $(APP) --all $(ARGS)

vet: ## gofmt and go vet: the part of lint that needs no download
	@bad=$$(find . \( -path ./node_modules -o -path ./cdk.out -o -path ./.build \) -prune -o -name '*.go' -exec gofmt -l {} +) && \
	if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:" $$bad >&2; exit 1; fi
	@test -e .build/vetted || echo 'compiling everything (the first time takes a few minutes) ...' >&2
	@go vet ./...
	@mkdir -p .build && touch .build/vetted

test: $(NODE_MODULES) vet ## run every test
	@go test -timeout 30m $(TESTFLAGS) ./...

# Linking CDK takes seconds, so packages that do are left to `make test`.
test-fast: ## run the tests that neither link CDK nor start a program, in seconds
	@go test -short $$(go list -f '{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}{{end}}' ./bin/... ./internal/... ./pathprooftest ./test/compat | grep -v '/internal/cdk')

# Not part of test: it takes minutes. Without moto it says why it does not run, and is no failure.
e2e: $(NODE_MODULES) ## deploy, change and destroy whole networks against moto on this machine (docs/E2E.md)
	@E2E=1 go test ./test/e2e -count=1 -v -timeout 40m

# Not part of test, which goes through a part of it. It needs Linux, root and the Debian packages of .ci/run's second half.
drill: ## let VPN tunnels fail in a lab of real daemons, in every way; prints a table, writes .build/drill.json (root, about 20 minutes)
	@$(call build,pathproof)
	@.build/pathproof vpn drill --lab --all --parallel 6 --json .build/drill.json $(ARGS)

# Not part of test, which goes through a part of it. Rows with Cloud Map need moto_server; without it they say so.
affinity-drill: ## let zones fail before the client library, in every way; prints a table, writes .build/affinity-drill.json (Linux, root, 4 minutes)
	@CI=true go test ./test/affinitylab -run '^TestDrill$$' -count=1 -v -timeout 20m -all -report $(CURDIR)/.build/affinity-drill.json $(ARGS)

# Examples in docs/ERRORS.md come last: they are copied from golden files that the first line rewrites.
snap: $(NODE_MODULES) ## rewrite snapshots, golden files and generated docs; read the diff before you commit it
	@go test ./internal/affinityplan ./internal/check ./internal/config ./internal/diagram ./internal/drill ./internal/gateway ./internal/planview ./internal/report ./internal/topology -update
	@go test ./test -run Snapshots -update
	@go test ./internal/problem -update

# go test ends with 0 when a test is skipped; -v says why it was.
live: $(NODE_MODULES) ## with PATHPROOF_LIVE=1: deploy a small network to a real account, change it, take it apart (docs/LIVE.md)
	@go test ./test -run '^TestLive$$' -count 1 -v -timeout 2h

schemas: ## rewrite the extract of CloudFormation's resource schemas (needs Python with cfn-lint); read the diff before you commit it
	@go run ./tools/schemas -out internal/cfn/schemas.json

bench: $(NODE_MODULES) ## run the benchmarks
	@go test -run '^$$' -bench . -benchmem ./internal/... ./test/...

bench-probe: ## measure how accurate the probe is, beside other tools; writes docs/PROBE-ACCURACY.md; count verdicts of real runs (Linux, root)
	@CI=true go test ./internal/probe/lab -run TestAccuracyTable -count=1 -v -table $(CURDIR)/docs/PROBE-ACCURACY.md
	@go test ./internal/report -run TestCalibration -count=1 -v -calibrate

lab-paths: ## measure the four ways from Korea to Tokyo through real OpenVPN, and compare them (Linux, root; docs/OPENVPN.md)
	@CI=true go test ./test/openvpnlab -run TestPaths -count=1 -v

lab-edge: ## have wrk ask edge proxies for 30 s while their origin's addresses change, with and without the cure (Linux, root; docs/EDGE-PROXY.md)
	@CI=true go test ./internal/bootstrap/edgelab -run TestWrk -wrk 30s -count=1 -v

lint: vet .build/tools/golangci-lint-$(GOLANGCI_LINT) .build/tools/govulncheck-$(GOVULNCHECK) ## vet, golangci-lint and govulncheck
	@.build/tools/golangci-lint-$(GOLANGCI_LINT) run
	@.build/tools/govulncheck-$(GOVULNCHECK) ./... || { rc=$$?; [ $$rc -ne 3 ] || exit $$rc; \
		echo 'vulnerabilities were NOT checked: govulncheck could not run; is its database, vuln.go.dev, within reach?' >&2; }

.build/tools/golangci-lint-$(GOLANGCI_LINT):
	$(call tool,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,$(GOLANGCI_LINT))

.build/tools/govulncheck-$(GOVULNCHECK):
	$(call tool,golang.org/x/vuln/cmd/govulncheck,$(GOVULNCHECK))

# Linters are built apart from go.mod: their dependencies are none of the product's.
define tool
@echo 'compiling $(notdir $(1)) $(2) (once, about 2 minutes) ...' >&2
@GOBIN=$(CURDIR)/.build/tools go install $(1)@$(2)
@mv .build/tools/$(notdir $(1)) $@
endef
