-- quarantine: batches that could not be read, kept whole for a person.
CREATE TABLE {{.DB}}.quarantine {{.OnCluster}}
(
  site           LowCardinality(String),
  realm          LowCardinality(String),
  sensor         LowCardinality(String),
  epoch          UInt64,
  sequence       UInt64,
  received       DateTime64(6, 'UTC'),
  reason         String,
  payload        String CODEC(ZSTD(1))
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, sensor, received)
TTL toDateTime(received) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
