# Wardscope: everything that people and CI run. `make` alone lists the targets.
SHELL         := /bin/bash
.SHELLFLAGS   := -euo pipefail -c
MAKEFLAGS     += --no-print-directory
.DEFAULT_GOAL := help

# What is fetched or built for the build itself lies outside the checkout, each folder named by the hash of what pins it.
WARDSCOPE_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wardscope
export WARDSCOPE_CACHE

TOOLS     := internal/tools
hash       = $(shell cat $(1) | sha256sum | cut -c1-12)
GENBIN    := $(WARDSCOPE_CACHE)/gen-$(call hash,$(TOOLS)/go.sum $(TOOLS)/protoc-gen-wardscope-openapi/main.go)
LINTBIN   := $(WARDSCOPE_CACHE)/lint-$(call hash,$(TOOLS)/go.sum)
HELMBIN   := $(WARDSCOPE_CACHE)/helm-$(call hash,$(TOOLS)/helm/go.sum)
HYPERBIN  := $(WARDSCOPE_CACHE)/hyper-$(call hash,$(TOOLS)/kube/go.sum $(TOOLS)/kube/main.go)
NPMTOOLS  := $(WARDSCOPE_CACHE)/npm-$(call hash,$(TOOLS)/package-lock.json)
BUF        = $(firstword $(wildcard $(NPMTOOLS)/node_modules/@bufbuild/buf-linux-*/bin/buf))
HELM      := $(HELMBIN)/helm
BUFREADY  := $(GENBIN)/.done $(NPMTOOLS)/.done

# The four modules of go.work. `work` as a package pattern means all of them; ./... would mean the first alone.
MODULES   := proto internal sensor hub
# Packages with needs of their own, run by targets of their own.
APART     := /internal/(archtest|e2e)(/|$$)
UNITPKGS   = $$(go list work | grep -vE '$(APART)')
VERSION   := $(or $(shell git describe --tags --always --dirty 2>/dev/null),unknown)
GOBUILD    = go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'
# Where the sensor's time goes on the reference mix, for the compiler. It has not the name that plain `go build` looks
# for, because that compiles everything twice for whoever only wants to know whether it builds.
PROFILE   := sensor/cmd/wardscope-sensor/sensor.pgo
FUZZTIME  ?=
BENCH     ?= .
IMAGE     ?= localhost/wardscope-hub:$(subst /,-,$(VERSION))
BENCHCOUNT ?= 1
BENCHRUNS ?= 3
PACKAGES  ?= $(shell echo $$(($$(nproc) + 1)))
KILLS     ?= 50
HERD      ?= 50

##@ Use

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## Fetch the ClickHouse engine and the address tables into the cache folder, once
	@$(TOOLS)/deps/fetch.sh "$(WARDSCOPE_CACHE)"
	@echo "engine: $(WARDSCOPE_CACHE)/chdb/libchdb.so   address tables: $(WARDSCOPE_CACHE)/geo"

.PHONY: build
build: ## Build wardscope-sensor, wardscope-hub and wardscope into bin/
	@mkdir -p bin
	CGO_ENABLED=0 $(GOBUILD) -pgo=$(PROFILE) -o bin/wardscope-sensor ./sensor/cmd/wardscope-sensor
	CGO_ENABLED=0 $(GOBUILD) -o bin/wardscope ./hub/cmd/wardscope
	CGO_ENABLED=0 $(GOBUILD) -o bin/wardscope-hub ./hub/cmd/wardscope-hub

.PHONY: demo
demo: deps build ## A hub and three hospital sites on generated traffic; PCAP="FILE…" takes your own captures
	bin/wardscope-hub demo $(addprefix --capture ,$(PCAP))

##@ Tests

.PHONY: test
test: lint gen-check modules unit race arch helm-lint e2e score eval-check ## Everything that CI runs

# Fuzz targets run here on their seed corpora; `make fuzz` looks for new inputs.
.PHONY: unit
unit: deps $(NPMTOOLS)/.done ## The tests of all four modules
	@# -p: many tests wait, for disks and for each other's processes
	WARDSCOPE_BUF="$(BUF)" go test -p $(PACKAGES) $(UNITPKGS)

.PHONY: race
race: deps ## The same tests under the race detector
	CGO_ENABLED=1 go test -p $(PACKAGES) -race -short $(UNITPKGS)

.PHONY: arch
arch: $(NPMTOOLS)/.done ## Import table, budgets, dependency goldens
	@# -count=1: the test cache does not see a changed import in another module.
	WARDSCOPE_BUF="$(BUF)" go test -count=1 ./internal/archtest/...

.PHONY: e2e
e2e: deps build ## Both programs, real transport, real engine
	WARDSCOPE_BIN="$(CURDIR)/bin" go test -count=1 -parallel 4 -timeout 15m ./internal/e2e/...

.PHONY: chaos
chaos: deps build ## 50 SIGKILLs of sensors, hub and NATS twice over, bad lines, full disks: nothing lost or twice (root; CI runs six); KILLS=n
	(cd hub && go build -o ../bin/nats-server github.com/nats-io/nats-server/v2)
	WARDSCOPE_BIN="$(CURDIR)/bin" WARDSCOPE_CHAOS=$(KILLS) go test -count=1 -timeout 60m -run '^TestChaos$$' -v ./internal/e2e

.PHONY: wire
wire: ## Bytes a flow on the wire, and the time to read one back, against rows and JSON of the reference mix
	go test -count=1 -run '^TestWireSize$$' -v ./sensor/pipeline

.PHONY: ingest-rate
ingest-rate: deps ## Rows a second from the stream to queryable, against the engine alone (CI runs a twentieth)
	WARDSCOPE_RATE=1 go test -count=1 -timeout 20m -run '^TestIngestRate$$' -v ./hub/store

.PHONY: herd
herd: deps ## Sixty sensors with HERD MiB of backlog each come back at once: the hub's memory does not grow (CI runs a fraction)
	WARDSCOPE_HERD=$(HERD) go test -count=1 -timeout 40m -run '^TestHerd$$' -v ./hub/ingest

.PHONY: outage
outage: ## A busy site without its line for 24 h, at 1/20: bytes in the spool, time to drain, delay of fresh data (CI: 1/400)
	WARDSCOPE_OUTAGE=1 go test -count=1 -timeout 20m -run '^TestOutage$$' -v ./sensor/pipeline

.PHONY: score
score: build ## Hold the sensor against the labelled captures in ../shared/pcaps
	@$(TOOLS)/score/run.sh bin/wardscope-sensor ../shared/pcaps

.PHONY: eval
eval: build ## Hold the inventory against the labelled captures and simulated sites; renews the tables in hub/README.md
	@go run ./hub/inventory/eval -sensor bin/wardscope-sensor -captures ../shared/pcaps -proven hub/inventory/eval/proven.tsv -simulate -readme hub/README.md -thresholds hub/inventory/eval/thresholds.json

.PHONY: unread
unread: build ## What sensors tell about the captures and no rule of the inventory reads, by kind and source
	@go run ./hub/inventory/eval -unread -sensor bin/wardscope-sensor -captures ../shared/pcaps -also sensor/dissect/dissecttest/real/testdata

.PHONY: year
year: ## A generated year of 20,000 machines at one hospital: joins, addresses at a time, speed (CI runs 2,000)
	@go test -count=1 -v -run 'TestYear$$|TestYearIsCalibrated' ./hub/inventory -args -year 20000

.PHONY: fleet
fleet: deps ## How long lists, pages and a minute's observations take at 20,000 devices, and the memory (CI takes 2,000)
	@go test -count=1 -v -run 'TestFleet$$' ./hub/api -args -fleet 20000

.PHONY: eval-check
eval-check: build
	@go run ./hub/inventory/eval -sensor bin/wardscope-sensor -captures ../shared/pcaps -proven hub/inventory/eval/proven.tsv -thresholds hub/inventory/eval/thresholds.json

.PHONY: real-captures
real-captures: ## Capture real software anew, in network namespaces (root; what is not installed is skipped); ONLY="dicom samba"
	sensor/dissect/dissecttest/real/npm.sh && sensor/dissect/dissecttest/real/go.sh
	sensor/dissect/dissecttest/real/run.sh $(ONLY)

.PHONY: fuzz
fuzz: ## Fuzz every target for 2m, stream protocols and healthcare for 10m; resumable; FUZZTIME=t, FUZZ="FOLDER…", FUZZFORCE=1
	@mkdir -p "$(WARDSCOPE_CACHE)/fuzz"
	@FUZZTIME="$(FUZZTIME)" $(TOOLS)/fuzz/run.sh $(if $(FUZZFORCE),-force) $(FUZZ)
	@$(MAKE) protocols

.PHONY: protocols
protocols: ## Write the table of protocols into sensor/README.md
	@go test -count=1 ./sensor/dissect/dissecttest/table -run TestFresh -update

.PHONY: bench
bench: build ## The sensor against Debian's flow meters, in turn, one core each; renews the tables in sensor/README.md; BENCHRUNS=n, PEERS=a,b, LOADS=a,b
	@mkdir -p bin "$(WARDSCOPE_CACHE)"
	go test -run '^$$' -bench '^BenchmarkStage' -benchtime 3x ./sensor/pipeline | tee bin/bench-stages.txt
	GOWORK=off CGO_ENABLED=0 go -C $(TOOLS) build -o $(CURDIR)/bin/bench ./bench
	bin/bench -sensor bin/wardscope-sensor -cache "$(WARDSCOPE_CACHE)" -runs $(BENCHRUNS) -peers "$(PEERS)" $(if $(LOADS),-loads "$(LOADS)") -save bin/bench.json -readme sensor/README.md

.PHONY: profile
profile: ## Measure anew where the sensor's time goes; the compiler optimizes what `make build` builds by it
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && go test -trimpath -c -o "$$dir/pipeline.test" ./sensor/pipeline && cd "$$dir" && \
		GOMAXPROCS=1 GOGC=40 ./pipeline.test -test.run '^$$' -test.bench '^BenchmarkStage/(full|flows-only)$$' -test.benchtime 8s -test.cpuprofile cpu && \
		install -m 0644 cpu "$(CURDIR)/$(PROFILE)"

.PHONY: flows-check
flows-check: ## Flow records against the sums of tshark for every labelled capture (tshark; left out of CI for its time)
	go test -count=1 -timeout 30m -run '^TestFlowsAgreeWithTshark$$' ./sensor/track

.PHONY: bench-answers
bench-answers: deps build ## The analyst's questions over 10 million generated flows: under 1 s for a day, 3 s for a month; FLOWS=n
	@mkdir -p "$(WARDSCOPE_CACHE)/bench"
	WARDSCOPE_BENCH_FLOWS="$(or $(FLOWS),10000000)" WARDSCOPE_BENCH_DIR="$(WARDSCOPE_CACHE)/bench" go test -count=1 -timeout 40m -run '^$$' -bench '^BenchmarkStore$$' -benchtime 1x ./hub/store
	WARDSCOPE_BIN="$(CURDIR)/bin" WARDSCOPE_BENCH_DIR="$(WARDSCOPE_CACHE)/bench" go test -count=1 -timeout 20m -v -run '^TestAnswersOverManyFlows$$' ./internal/e2e

.PHONY: flood
flood: ## Ten million half-open connections against a table of established ones (CI runs one million)
	WARDSCOPE_FLOOD=1 go test -count=1 -run '^TestFlood' -v ./sensor/track

.PHONY: live
live: ## The mix at 50,000 frames a second for a minute, then five pairs at top speed against tcpdump (root; CI runs less)
	WARDSCOPE_LIVE_SECONDS=60 go test -count=1 -run '^TestLiveMixLosesNothing$$' -v ./sensor/pipeline
	WARDSCOPE_PAIRS=5 go test -count=1 -timeout 30m -run '^TestTopSpeed$$' -v ./sensor/capture/afpacket

.PHONY: mirrors
mirrors: deps build ## Six broken mirrors, each named by `sensors list`, and a blinding filter taken back (root, six minutes; CI runs two)
	WARDSCOPE_MIRRORS=1 WARDSCOPE_BIN="$(CURDIR)/bin" go test -count=1 -timeout 15m -run '^TestSensorsListNamesBrokenMirrors$$|^TestRolloutOfABlindingFilterIsTakenBack$$' -v ./internal/e2e

.PHONY: upgrade
upgrade: deps build ## A sensor of the next schema before its hub: kept in quarantine, taken in once by the upgraded hub (two minutes)
	WARDSCOPE_UPGRADE=1 WARDSCOPE_BIN="$(CURDIR)/bin" go test -count=1 -timeout 10m -run '^TestNewerSensorWaitsForTheHubsUpgrade$$' -v ./internal/e2e

.PHONY: microbench
microbench: deps $(LINTBIN)/.done ## Benchmarks of all modules; BENCH=regexp, BENCHCOUNT=n; compared with bin/bench.old when there
	@mkdir -p bin
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(BENCHCOUNT) $(UNITPKGS) | tee bin/bench.new
	$(LINTBIN)/benchstat $(wildcard bin/bench.old) bin/bench.new

##@ Code

.PHONY: lint
lint: $(LINTBIN)/.done $(BUFREADY) ## golangci-lint, buf lint, formatting
	$(LINTBIN)/golangci-lint run $(addprefix ./,$(addsuffix /...,$(MODULES)))
	cd $(TOOLS) && GOWORK=off $(LINTBIN)/golangci-lint run --config $(CURDIR)/.golangci.yml ./...
	$(BUF) lint
	$(BUF) format --diff --exit-code proto >/dev/null || { echo "proto files are not formatted: make fmt"; exit 1; }

.PHONY: fmt
fmt: $(LINTBIN)/.done $(BUFREADY) ## Format Go and proto files
	$(LINTBIN)/golangci-lint fmt $(addprefix ./,$(addsuffix /...,$(MODULES)))
	$(BUF) format --write proto

.PHONY: fix
fix: $(LINTBIN)/.done ## Let golangci-lint repair what it can
	$(LINTBIN)/golangci-lint run --fix $(addprefix ./,$(addsuffix /...,$(MODULES)))

.PHONY: gen
gen: $(BUFREADY) ## Generate Go and OpenAPI from proto/
	$(BUF) lint
	PATH="$(GENBIN):$$PATH" $(BUF) generate

.PHONY: gen-check
gen-check: $(BUFREADY) ## Generated files are fresh, and the contract breaks nobody
	@BUF="$(BUF)" PATH="$(GENBIN):$$PATH" $(TOOLS)/gencheck.sh
	$(BUF) breaking proto --against proto/released.binpb

.PHONY: baseline
baseline: $(BUFREADY) ## At a release only: today's contract becomes the one that must not break
	$(BUF) build proto --as-file-descriptor-set --exclude-source-info --output proto/released.binpb

.PHONY: modules
modules: ## Each module builds, vets and is tidy by itself, without go.work
	@for module in $(MODULES) $(TOOLS); do \
		echo "module $$module"; \
		(cd $$module && GOWORK=off go build ./... && GOWORK=off go vet ./... && GOWORK=off go mod tidy -diff); \
	done
	GOWORK=off go -C $(TOOLS) test ./...

.PHONY: tidy
tidy: ## Make each go.mod say what its module needs, no more
	@for module in $(MODULES) $(TOOLS); do (cd $$module && GOWORK=off go mod tidy); done

##@ Delivery

.PHONY: dist
dist: ## The sensor for sites: one static file for amd64 and arm64, unit, sample configuration, checksums, in dist/
	@mkdir -p dist
	@for arch in amd64 arm64; do \
		CGO_ENABLED=0 GOOS=linux GOARCH=$$arch GOFLAGS=-buildvcs=false $(GOBUILD) -pgo=$(PROFILE) -o dist/wardscope-sensor-linux-$$arch ./sensor/cmd/wardscope-sensor; \
	done
	@install -m 0644 deploy/systemd/wardscope-sensor.service deploy/systemd/sensor.yaml dist/
	@cd dist && sha256sum wardscope-sensor-linux-amd64 wardscope-sensor-linux-arm64 wardscope-sensor.service sensor.yaml > SHA256SUMS
	@cat dist/SHA256SUMS

.PHONY: image
image: deps build ## The hub's container image as dist/wardscope-hub.tar, made without a container engine
	@mkdir -p dist
	GOWORK=off go -C $(TOOLS) run ./image -bin $(CURDIR)/bin -cache "$(WARDSCOPE_CACHE)" -docs $(CURDIR) -name $(IMAGE) -out $(CURDIR)/dist/wardscope-hub.tar

.PHONY: helm-lint
helm-lint: $(HELMBIN)/.done ## Lint the chart and compare what it renders with helm/testdata
	HELM="$(HELM)" helm/check.sh

.PHONY: helm-golden
helm-golden: $(HELMBIN)/.done ## Accept what the chart renders as helm/testdata
	HELM="$(HELM)" helm/check.sh -update

.PHONY: helm-e2e
helm-e2e: image $(HELMBIN)/.done $(HYPERBIN)/.done ## Install the chart on a real one-node cluster (root; first build about 15 min)
	HELM="$(HELM)" HYPER="$(HYPERBIN)/hyper" deploy/e2e/run.sh dist/wardscope-hub.tar $(IMAGE)

.PHONY: clean
clean: ## Remove what the build put into the checkout; the cache folder stays
	rm -rf bin dist


# Tools, each built once. CGO_ENABLED=0: no C compiler is needed for them.
TOOLBUILD = CGO_ENABLED=0 GOWORK=off go -C

$(GENBIN)/.done:
	@echo "building the generators into $(GENBIN)"
	@mkdir -p $(GENBIN)
	@$(TOOLBUILD) $(TOOLS) build -o $(GENBIN)/ \
		google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc \
		github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway \
		github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3 ./protoc-gen-wardscope-openapi
	@touch $@

$(LINTBIN)/.done:
	@echo "building golangci-lint and benchstat into $(LINTBIN) (two minutes, once)"
	@mkdir -p $(LINTBIN)
	@$(TOOLBUILD) $(TOOLS) build -trimpath -ldflags '-s -w' -o $(LINTBIN)/ \
		github.com/golangci/golangci-lint/v2/cmd/golangci-lint golang.org/x/perf/cmd/benchstat
	@touch $@

$(HELMBIN)/.done:
	@echo "building helm into $(HELMBIN) (two to four minutes, once)"
	@mkdir -p $(HELMBIN)
	@$(TOOLBUILD) $(TOOLS)/helm build -trimpath -ldflags '-s -w' -o $(HELMBIN)/ helm.sh/helm/v3/cmd/helm
	@touch $@

$(HYPERBIN)/.done:
	@echo "building the test cluster's programs into $(HYPERBIN) (fifteen minutes, once)"
	@mkdir -p $(HYPERBIN)
	@$(TOOLBUILD) $(TOOLS)/kube build -trimpath -ldflags "-s -w $$(sed -n 's,^\tk8s.io/kubernetes v\(1\)\.\([0-9]*\)\.\([0-9]*\)$$,-X k8s.io/component-base/version.gitVersion=v\1.\2.\3 -X k8s.io/component-base/version.gitMajor=\1 -X k8s.io/component-base/version.gitMinor=\2,p' $(TOOLS)/kube/go.mod)" -o $(HYPERBIN)/hyper .
	@touch $@

# npm installs beside the package.json it reads, so the pinned pair is copied to where its packages shall lie.
$(NPMTOOLS)/.done: $(TOOLS)/package.json
	@echo "installing buf into $(NPMTOOLS)"
	@mkdir -p $(NPMTOOLS)
	@cp $(TOOLS)/package.json $(TOOLS)/package-lock.json $(TOOLS)/.npmrc $(NPMTOOLS)/
	@npm ci --prefix $(NPMTOOLS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
