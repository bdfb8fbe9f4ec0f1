-- audit: reads of sensitive detail and every write, by whom.
CREATE TABLE {{.DB}}.audit {{.OnCluster}}
(
  time           DateTime64(6, 'UTC'),
  actor          String,
  role           LowCardinality(String),
  remote         String,
  method         LowCardinality(String),
  site           LowCardinality(String),
  object         String,
  outcome        LowCardinality(String),
  detail         String CODEC(ZSTD(1))
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMM(time)
ORDER BY (time, actor)
TTL toDateTime(time) + INTERVAL 400 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
