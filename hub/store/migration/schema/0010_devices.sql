-- devices: what the inventory concluded, newest version of each id (read with FINAL).
CREATE TABLE {{.DB}}.devices {{.OnCluster}}
(
  id             String,
  version        UInt64,
  removed        UInt8,
  site           LowCardinality(String),
  realm          LowCardinality(String),
  name           String,
  category       LowCardinality(String),
  type           LowCardinality(String),
  vendor         LowCardinality(String),
  model          String,
  os             LowCardinality(String),
  os_support     LowCardinality(String) COMMENT 'supported, past, or empty when unknown',
  serial         String,
  role           LowCardinality(String),
  department     LowCardinality(String),
  confidence     Float32 COMMENT 'of type, 0 to 1',
  addresses      Array(IPv6),
  macs           Array(UInt64),
  vlans          Array(UInt16),
  first          DateTime64(6, 'UTC'),
  last           DateTime64(6, 'UTC'),
  behind         String COMMENT 'device id of the gateway',
  document       String COMMENT 'the whole record with its evidence, JSON' CODEC(ZSTD(3)),
  register_only  Bool,
  INDEX by_address addresses TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_mac macs TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "ReplacingMergeTree" "version" "removed"}}
ORDER BY id
SETTINGS {{.Insertable}}
