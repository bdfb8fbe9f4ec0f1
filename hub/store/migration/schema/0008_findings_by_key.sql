-- findings_by_key: findings joined over time and sensors, one line a peer.
-- Rows of one key may be several until merged: always aggregate.
CREATE TABLE {{.DB}}.findings_by_key {{.OnCluster}}
(
  site           LowCardinality(String),
  realm          LowCardinality(String),
  key            String CODEC(ZSTD(1)),
  peer           IPv6 CODEC(ZSTD(1)),
  peer_mac       UInt64 CODEC(ZSTD(1)),
  peer_part      String CODEC(ZSTD(1)),
  type           SimpleAggregateFunction(any, LowCardinality(String)) COMMENT 'the same for one key',
  rule           SimpleAggregateFunction(any, LowCardinality(String)) COMMENT 'the same for one key',
  address        SimpleAggregateFunction(any, IPv6) COMMENT 'the same for one key',
  mac            SimpleAggregateFunction(max, UInt64),
  part           SimpleAggregateFunction(any, String) COMMENT 'the same for one key',
  service        SimpleAggregateFunction(any, LowCardinality(String)) COMMENT 'the same for one key',
  detail         SimpleAggregateFunction(any, String) COMMENT 'the same for one key',
  rule_version   SimpleAggregateFunction(max, UInt32),
  port           SimpleAggregateFunction(max, UInt16),
  protocol       SimpleAggregateFunction(max, UInt8),
  evidence       SimpleAggregateFunction(max, LowCardinality(String)),
  community_id   AggregateFunction(argMax, String, DateTime64(6, 'UTC')) COMMENT 'of the newest',
  first          SimpleAggregateFunction(min, DateTime64(6, 'UTC')) COMMENT 'corrected',
  last           SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
  last_received  SimpleAggregateFunction(max, DateTime64(6, 'UTC')),
  count          SimpleAggregateFunction(sum, UInt64) CODEC(T64, ZSTD(1)),
  sensors        SimpleAggregateFunction(groupUniqArrayArray, Array(String)),
  INDEX by_last last TYPE minmax GRANULARITY 1
)
ENGINE = {{.Engine "AggregatingMergeTree"}}
ORDER BY (site, realm, key, peer, peer_mac, peer_part)
TTL toDateTime(last_received) + INTERVAL 400 DAY
SETTINGS {{.Insertable}}
