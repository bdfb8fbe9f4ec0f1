#!/bin/bash
# Builds the Go programs of some scenarios into the cache folder.
set -euo pipefail
CACHE=${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real
mkdir -p "$CACHE"
V=v0.0.0-20260814210148-7c6e7f81cf5a
GOWORK=off GOBIN=$CACHE/tacquito go install github.com/facebookincubator/tacquito/cmds/{server,client}@$V
