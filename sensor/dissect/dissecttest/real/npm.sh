#!/bin/bash
# Puts the Node modules of some scenarios into the cache folder.
set -euo pipefail
CACHE=${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real
mkdir -p "$CACHE" && cd "$CACHE"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts node-opcua@2.182.2 node-bacnet@0.2.4 coap@1.5.0 dcmjs-dimse@0.3.3 node-hl7-server@2.5.0 \
	node-hl7-client@4.0.0 simple-hl7@3.3.0 amqplib@2.3.1 rhea@3.0.5 jsmodbus@5.0.0 modbus-serial@8.0.25 aedes@1.2.0 mqtt@5.16.0 node-ssdp@4.0.1
