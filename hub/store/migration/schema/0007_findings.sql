-- findings: every finding as sensors sent it.
CREATE TABLE {{.DB}}.findings {{.OnCluster}}
(
  site           LowCardinality(String) COMMENT 'hospital or clinic',
  realm          LowCardinality(String) COMMENT 'address space in which the addresses mean something',
  sensor         LowCardinality(String),
  domain         UInt32 COMMENT 'observation domain within the sensor (IPFIX 149)',
  vlan           UInt16 CODEC(ZSTD(1)),
  first          DateTime64(6, 'UTC') COMMENT 'sensor clock' CODEC(Delta, ZSTD(1)),
  last           DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  received       DateTime64(6, 'UTC') COMMENT 'when the hub''s stream stored the batch' CODEC(Delta, ZSTD(1)),
  clock_offset   Int64 COMMENT 'sensor clock minus hub clock, microseconds' CODEC(T64, ZSTD(1)),
  epoch          UInt64 COMMENT 'boot of the sensor' CODEC(Delta, ZSTD(1)),
  sequence       UInt64 COMMENT 'batch within the epoch' CODEC(Delta, ZSTD(1)),
  row            UInt32 COMMENT 'event of this kind within the batch' CODEC(Delta, ZSTD(1)),
  key            String COMMENT 'joins what several sensors say; site and realm stand beside it' CODEC(ZSTD(1)),
  type           LowCardinality(String),
  rule           LowCardinality(String),
  rule_version   UInt32 CODEC(ZSTD(1)),
  address        IPv6 COMMENT 'subject: what has to be fixed' CODEC(ZSTD(1)),
  mac            UInt64 CODEC(ZSTD(1)),
  part           String CODEC(ZSTD(1)),
  peer           IPv6 COMMENT 'the other end' CODEC(ZSTD(1)),
  peer_mac       UInt64 CODEC(ZSTD(1)),
  peer_part      String CODEC(ZSTD(1)),
  port           UInt16 COMMENT 'of the server' CODEC(ZSTD(1)),
  protocol       UInt8,
  service        LowCardinality(String),
  detail         String CODEC(ZSTD(1)),
  evidence       LowCardinality(String) COMMENT 'protocol field that showed it',
  community_id   String CODEC(ZSTD(1)),
  count          UInt64 CODEC(T64, ZSTD(1)),
  INDEX by_last last TYPE minmax GRANULARITY 1,
  INDEX by_address [address, peer] TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_key key TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, type, first)
TTL toDateTime(received) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
