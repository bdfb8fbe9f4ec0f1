-- losses: what was left out, where, and how much of it.
CREATE TABLE {{.DB}}.losses {{.OnCluster}}
(
  site           LowCardinality(String) COMMENT 'hospital or clinic',
  realm          LowCardinality(String) COMMENT 'address space in which the addresses mean something',
  sensor         LowCardinality(String),
  domain         UInt32 COMMENT 'observation domain within the sensor (IPFIX 149)',
  first          DateTime64(6, 'UTC') COMMENT 'sensor clock' CODEC(Delta, ZSTD(1)),
  last           DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  received       DateTime64(6, 'UTC') COMMENT 'when the hub''s stream stored the batch' CODEC(Delta, ZSTD(1)),
  clock_offset   Int64 COMMENT 'sensor clock minus hub clock, microseconds' CODEC(T64, ZSTD(1)),
  epoch          UInt64 COMMENT 'boot of the sensor' CODEC(Delta, ZSTD(1)),
  sequence       UInt64 COMMENT 'batch within the epoch' CODEC(Delta, ZSTD(1)),
  row            UInt32 COMMENT 'event of this kind within the batch' CODEC(Delta, ZSTD(1)),
  place          LowCardinality(String),
  reason         LowCardinality(String),
  packets        UInt64 CODEC(T64, ZSTD(1)),
  events         UInt64 CODEC(T64, ZSTD(1)),
  batches        UInt64 CODEC(T64, ZSTD(1)),
  first_sequence UInt64 COMMENT 'of batches shed',
  last_sequence  UInt64
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, sensor, first)
TTL toDateTime(received) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
