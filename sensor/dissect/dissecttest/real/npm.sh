#!/bin/bash
# Puts the Node modules of some scenarios into the cache folder.
set -euo pipefail
CACHE=${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real
mkdir -p "$CACHE" && cd "$CACHE"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts node-opcua@2.182.2 node-bacnet@0.2.4 coap@1.5.0
