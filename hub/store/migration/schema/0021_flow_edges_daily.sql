-- flow_edges_daily: flow_edges summed by corrected day, by number; edges says what the numbers stand for.
-- Rows of one key may be several until merged: always sum.
CREATE TABLE {{.DB}}.flow_edges_daily {{.OnCluster}}
(
  day            Date COMMENT 'of receipt',
  date           Date COMMENT 'of the corrected start' CODEC(Delta, ZSTD(1)),
  site           LowCardinality(String),
  edge           UInt64 CODEC(ZSTD(1)),
  sensor         LowCardinality(String),
  domain         UInt32 CODEC(ZSTD(1)),
  initiator_octets  SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  responder_octets  SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  initiator_packets SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  responder_packets SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  flows          SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  encrypted_flows SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected' CODEC(Delta, ZSTD(1)),
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1))
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
PARTITION BY day
ORDER BY (date, site, edge, sensor, domain)
TTL day + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
