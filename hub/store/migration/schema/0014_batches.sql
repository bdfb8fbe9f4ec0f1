-- batches: the ledger. sealed = stored + dropped, for each batch.
CREATE TABLE {{.DB}}.batches {{.OnCluster}}
(
  site           LowCardinality(String),
  realm          LowCardinality(String),
  sensor         LowCardinality(String),
  epoch          UInt64 CODEC(Delta, ZSTD(1)),
  sequence       UInt64 CODEC(Delta, ZSTD(1)),
  sealed_at      DateTime64(6, 'UTC') COMMENT 'sensor clock' CODEC(Delta, ZSTD(1)),
  received       DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  clock_offset   Int64 CODEC(T64, ZSTD(1)),
  version        LowCardinality(String) COMMENT 'of the sensor',
  sealed_flows        UInt64 CODEC(T64, ZSTD(1)),
  sealed_observations UInt64 CODEC(T64, ZSTD(1)),
  sealed_findings     UInt64 CODEC(T64, ZSTD(1)),
  sealed_losses       UInt64 CODEC(T64, ZSTD(1)),
  sealed_stats        UInt64 CODEC(T64, ZSTD(1)),
  stored_flows        UInt64 CODEC(T64, ZSTD(1)),
  stored_observations UInt64 CODEC(T64, ZSTD(1)),
  stored_findings     UInt64 CODEC(T64, ZSTD(1)),
  stored_losses       UInt64 CODEC(T64, ZSTD(1)),
  stored_stats        UInt64 CODEC(T64, ZSTD(1)),
  dropped        UInt64 CODEC(T64, ZSTD(1)),
  reason         LowCardinality(String)
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, sensor, epoch, sequence)
TTL toDateTime(received) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
