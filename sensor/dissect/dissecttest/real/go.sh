#!/bin/bash
# Builds the Go programs of some scenarios into the cache folder.
set -euo pipefail
CACHE=${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real
mkdir -p "$CACHE"
V=v0.0.0-20260814210148-7c6e7f81cf5a
GOWORK=off GOBIN=$CACHE/tacquito go install github.com/facebookincubator/tacquito/cmds/{server,client}@$V
# FerretDB wants a file beside its source that its module does not carry.
V=v1.24.2
if [ "$("$CACHE/ferretdb/ferretdb" --version 2>/dev/null | sed -n 's/^version: //p')" != $V ]; then
	rm -rf "$CACHE/ferretdb" && mkdir -p "$CACHE/ferretdb"
	cp -r "$(cd "$CACHE" && GOWORK=off go mod download -json github.com/FerretDB/FerretDB@$V | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')" "$CACHE/ferretdb/src"
	chmod -R u+w "$CACHE/ferretdb/src"
	echo $V > "$CACHE/ferretdb/src/build/version/version.txt"
	(cd "$CACHE/ferretdb/src" && GOWORK=off go build -o ../ferretdb ./cmd/ferretdb)
	rm -rf "$CACHE/ferretdb/src"
fi
