-- sensor_stats: what each view was worth, by domain, VLAN and minute.
CREATE TABLE {{.DB}}.sensor_stats {{.OnCluster}}
(
  site           LowCardinality(String) COMMENT 'hospital or clinic',
  realm          LowCardinality(String) COMMENT 'address space in which the addresses mean something',
  sensor         LowCardinality(String),
  domain         UInt32 COMMENT 'observation domain within the sensor (IPFIX 149)',
  vlan           UInt16 CODEC(ZSTD(1)),
  minute         DateTime64(6, 'UTC') COMMENT 'sensor clock; 1970 in the total of a file' CODEC(Delta, ZSTD(1)),
  received       DateTime64(6, 'UTC') COMMENT 'when the hub''s stream stored the batch' CODEC(Delta, ZSTD(1)),
  clock_offset   Int64 COMMENT 'sensor clock minus hub clock, microseconds' CODEC(T64, ZSTD(1)),
  epoch          UInt64 COMMENT 'boot of the sensor' CODEC(Delta, ZSTD(1)),
  sequence       UInt64 COMMENT 'batch within the epoch' CODEC(Delta, ZSTD(1)),
  row            UInt32 COMMENT 'event of this kind within the batch' CODEC(Delta, ZSTD(1)),
  packets        UInt64 CODEC(T64, ZSTD(1)),
  octets         UInt64 CODEC(T64, ZSTD(1)),
  hosts          UInt64 CODEC(T64, ZSTD(1)),
  tcp_conversations UInt64 CODEC(T64, ZSTD(1)),
  tcp_one_way    UInt64 CODEC(T64, ZSTD(1)),
  unseen_acked_octets UInt64 CODEC(T64, ZSTD(1)),
  duplicates     UInt64 CODEC(T64, ZSTD(1)),
  truncated      UInt64 CODEC(T64, ZSTD(1)),
  undecoded      UInt64 CODEC(T64, ZSTD(1)),
  too_little     Bool,
  drop_places    Array(LowCardinality(String)),
  drop_packets   Array(UInt64),
  interface_names       Array(LowCardinality(String)),
  interface_can_send    Array(Bool),
  interface_link_up     Array(Bool),
  interface_same_as_hub Array(Bool),
  interface_reasons     Array(Array(String)),
  interface_remedies    Array(Array(String)),
  INDEX by_minute minute TYPE minmax GRANULARITY 1
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, sensor, domain, vlan, minute)
TTL toDateTime(received) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
