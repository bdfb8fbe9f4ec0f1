#!/usr/bin/env bash
# Fetches what the hub reads at run time into the cache folder $1: chdb/libchdb.so, geo/country.mmdb, geo/asn.csv,
# and oui/index.json, from which the sensor's table of MAC prefixes is generated. Versions are pinned by
# package-lock.json, the files themselves by SHA256SUMS; a file that differs is not put in place.
set -euo pipefail
cache=$1
here=$(cd "$(dirname "$0")" && pwd)
stamp=$cache/deps-$(cat "$here/package-lock.json" "$here/SHA256SUMS" "$here/fetch.sh" | sha256sum | cut -c1-12).done
if [ -e "$stamp" ] && [ -e "$cache/geo/asn.csv" ] && { [ -e "$cache/chdb/libchdb.so" ] || [ "$(uname -m)" != x86_64 ]; }; then
  exit 0
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/deps.XXXXXX") # in the cache: the files are moved, and /tmp may be small
trap 'rm -rf "$work"' EXIT
echo "fetching the ClickHouse engine and the address tables into $cache (about 200 MB, once)"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work/"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --loglevel=error
cd "$work/node_modules"
if [ -e @chdb/lib-linux-x64-gnu/libchdb.so ]; then
  sha256sum --check --quiet "$here/SHA256SUMS"
else
  grep -v libchdb "$here/SHA256SUMS" | sha256sum --check --quiet
  echo "there is no engine package for $(uname -m): put a libchdb.so of your own at $cache/chdb/libchdb.so, or name it in WARDSCOPE_CHDB" >&2
fi
mkdir -p "$cache/chdb" "$cache/geo" "$cache/oui"
if [ -e @chdb/lib-linux-x64-gnu/libchdb.so ]; then
  mv -f @chdb/lib-linux-x64-gnu/libchdb.so "$cache/chdb/libchdb.so"
fi
mv -f @ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb "$cache/geo/country.mmdb"
cat @ip-location-db/asn/asn-ipv4.csv @ip-location-db/asn/asn-ipv6.csv >"$cache/geo/asn.csv.new"
mv -f "$cache/geo/asn.csv.new" "$cache/geo/asn.csv"
mv -f oui-data/index.json "$cache/oui/index.json"
touch "$stamp"
