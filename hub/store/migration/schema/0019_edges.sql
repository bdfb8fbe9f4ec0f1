-- edges: what the number of an edge stands for, and all that each vantage saw of it, joined over time.
-- Rows of one key may be several until merged: always aggregate.
CREATE TABLE {{.DB}}.edges {{.OnCluster}}
(
  realm          LowCardinality(String),
  initiator      IPv6 CODEC(ZSTD(1)),
  responder      IPv6 CODEC(ZSTD(1)),
  protocol       UInt8,
  port           UInt16 COMMENT 'of the responder' CODEC(ZSTD(1)),
  service        LowCardinality(String),
  site           LowCardinality(String),
  sensor         LowCardinality(String),
  domain         UInt32 CODEC(ZSTD(1)),
  edge           SimpleAggregateFunction(any, UInt64) COMMENT 'as in flow_edges' CODEC(NONE),
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected' CODEC(ZSTD(1)),
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  last_day       SimpleAggregateFunction(max, Date) COMMENT 'of receipt' CODEC(ZSTD(1)),
  flows          SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  responder_packets SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  server_names   AggregateFunction(groupUniqArrayIf(8), String, UInt8) COMMENT 'that clients asked for, at most 8',
  INDEX by_address [initiator, responder] TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
ORDER BY (realm, initiator, responder, protocol, port, service, site, sensor, domain)
TTL last_day + INTERVAL 400 DAY
SETTINGS {{.Insertable}}
