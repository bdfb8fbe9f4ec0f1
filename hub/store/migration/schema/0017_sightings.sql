-- sightings: which address sent packets behind which link address, joined over time.
-- Rows of one key may be several until merged: always aggregate.
CREATE TABLE {{.DB}}.sightings {{.OnCluster}}
(
  site           LowCardinality(String),
  realm          LowCardinality(String),
  address        IPv6 CODEC(ZSTD(1)),
  mac            UInt64 COMMENT '0 when the link has none' CODEC(ZSTD(1)),
  vlan           UInt16 CODEC(ZSTD(1)),
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected' CODEC(ZSTD(1)),
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  last_received  SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  packets        SimpleAggregateFunction(sum, UInt64) COMMENT 'sent from the address' CODEC(T64, ZSTD(1)),
  INDEX by_received last_received TYPE minmax GRANULARITY 1,
  INDEX by_mac mac TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
ORDER BY (site, realm, address, mac, vlan)
TTL toDateTime(last_received) + INTERVAL 400 DAY
SETTINGS {{.Insertable}}
