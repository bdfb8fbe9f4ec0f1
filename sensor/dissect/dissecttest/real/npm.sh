#!/bin/bash
# Puts the Node modules of some scenarios into the cache folder.
set -euo pipefail
CACHE=${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real
mkdir -p "$CACHE" && cd "$CACHE"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts node-opcua@2.182.2 node-bacnet@0.2.4 coap@1.5.0 dcmjs-dimse@0.3.3 node-hl7-server@2.5.0 \
	node-hl7-client@4.0.0 simple-hl7@3.3.0 amqplib@2.3.1 rhea@3.0.5 jsmodbus@5.0.0 modbus-serial@8.0.25 aedes@1.2.0 mqtt@5.16.0 node-ssdp@4.0.1 \
	node-snap7@1.0.9 nodes7@0.3.18 ethernet-ip@1.2.5 st-ethernet-ip@2.7.5 oracledb@26.0.0 mongodb@7.9.0
# Snap7 is C++: built with the headers that Node has beside it.
gyp=$(npm root -g)/npm/node_modules/node-gyp/bin/node-gyp.js
[ -f node_modules/node-snap7/build/Release/node_snap7.node ] || (cd node_modules/node-snap7 && node "$gyp" rebuild --nodedir="$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")") ||
	echo "node-snap7 was not built: s7.sh needs a compiler and Node's headers" >&2
