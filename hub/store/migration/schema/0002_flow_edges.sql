-- flow_edges: flows summed by corrected hour, vantage, endpoint pair and service port.
-- Rows of one key may be several until merged: always sum.
CREATE TABLE {{.DB}}.flow_edges {{.OnCluster}}
(
  day            Date COMMENT 'of receipt',
  hour           DateTime('UTC') COMMENT 'of the corrected start' CODEC(Delta, ZSTD(1)),
  site           LowCardinality(String),
  realm          LowCardinality(String),
  sensor         LowCardinality(String),
  domain         UInt32 CODEC(ZSTD(1)),
  initiator      IPv6 CODEC(ZSTD(1)),
  responder      IPv6 CODEC(ZSTD(1)),
  protocol       UInt8,
  port           UInt16 COMMENT 'of the responder' CODEC(ZSTD(1)),
  service        LowCardinality(String),
  edge           SimpleAggregateFunction(any, UInt64) COMMENT 'names realm, ends, protocol, port and service: one number sums faster than six columns' CODEC(NONE),
  initiator_octets  SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  responder_octets  SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  initiator_packets SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  responder_packets SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  flows          SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  encrypted_flows SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected' CODEC(Delta, ZSTD(1)),
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')) CODEC(Delta, ZSTD(1)),
  server_name    SimpleAggregateFunction(max, String) COMMENT 'one of those that clients asked for' CODEC(ZSTD(1)),
  INDEX by_address [initiator, responder] TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_port port TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_service service TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
PARTITION BY day
ORDER BY (site, hour, initiator, responder, protocol, port, service, realm, sensor, domain)
TTL day + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
