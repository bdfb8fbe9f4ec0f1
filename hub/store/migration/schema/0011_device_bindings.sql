-- device_bindings: which device an endpoint was, from when to when (read with FINAL).
CREATE TABLE {{.DB}}.device_bindings {{.OnCluster}}
(
  realm          LowCardinality(String),
  address        IPv6,
  mac            UInt64,
  part           String,
  from           DateTime64(6, 'UTC'),
  to             DateTime64(6, 'UTC'),
  site           LowCardinality(String),
  device         String,
  reason         String CODEC(ZSTD(1)),
  version        UInt64,
  removed        UInt8,
  INDEX by_device device TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "ReplacingMergeTree" "version" "removed"}}
ORDER BY (realm, address, mac, part, site, from, device)
SETTINGS {{.Insertable}}
