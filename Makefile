# Wardscope: everything that people and CI run. `make` alone lists the targets.
SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory
.DEFAULT_GOAL := help

# Everything fetched or built for the build itself lies outside the checkout, each folder named by the hash of what pins it.
WARDSCOPE_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/wardscope
export WARDSCOPE_CACHE
MODULES  := proto internal sensor hub
hash      = $(shell cat $(1) | sha256sum | cut -c1-12)
TOOLS    := internal/tools
GENBIN   := $(WARDSCOPE_CACHE)/gen-$(call hash,$(TOOLS)/go.sum $(TOOLS)/protoc-gen-wardscope-openapi/main.go)
NPMTOOLS := $(WARDSCOPE_CACHE)/npm-$(call hash,$(TOOLS)/package-lock.json)
BUF       = $(firstword $(wildcard $(NPMTOOLS)/node_modules/@bufbuild/buf-linux-*/bin/buf))

##@ Contracts

.PHONY: gen
gen: $(GENBIN)/.done $(NPMTOOLS)/.done ## Generate Go and OpenAPI from proto/
	$(BUF) lint
	PATH="$(GENBIN):$$PATH" $(BUF) generate

$(GENBIN)/.done:
	@echo "building the generators into $(GENBIN)"
	@mkdir -p $(GENBIN)
	@CGO_ENABLED=0 GOWORK=off go -C $(TOOLS) build -o $(GENBIN)/ \
		google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc \
		github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-grpc-gateway \
		github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv3 ./protoc-gen-wardscope-openapi
	@touch $@

# npm installs beside the package.json it reads, so the pinned pair is copied to where its packages shall lie.
$(NPMTOOLS)/.done: $(TOOLS)/package.json
	@echo "installing buf into $(NPMTOOLS)"
	@mkdir -p $(NPMTOOLS)
	@cp $(TOOLS)/package.json $(TOOLS)/package-lock.json $(TOOLS)/.npmrc $(NPMTOOLS)/
	@npm ci --prefix $(NPMTOOLS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
