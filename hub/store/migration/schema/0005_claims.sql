-- claims: observations joined over time and sensors of a site.
-- Rows of one key may be several until merged: always aggregate.
CREATE TABLE {{.DB}}.claims {{.OnCluster}}
(
  site           LowCardinality(String),
  realm          LowCardinality(String),
  address        IPv6 COMMENT ':: when none' CODEC(ZSTD(1)),
  mac            UInt64 COMMENT '0 when none' CODEC(ZSTD(1)),
  part           String CODEC(ZSTD(1)),
  kind           LowCardinality(String),
  value          String CODEC(ZSTD(1)),
  source         LowCardinality(String),
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected' CODEC(ZSTD(1)),
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  last_received  SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  count          SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  sensors        SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  vlans          SimpleAggregateFunction(groupUniqArrayArray, Array(UInt16)),
  INDEX by_received last_received TYPE minmax GRANULARITY 1,
  INDEX by_mac mac TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
ORDER BY (site, realm, address, mac, part, kind, value, source)
TTL toDateTime(last_received) + INTERVAL 400 DAY
SETTINGS {{.Insertable}}
