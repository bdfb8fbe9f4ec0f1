-- flows: one row per flow record that a sensor sent.
-- Sorted by site and start, so that a period at a site is a range of the primary key;
-- partitions and retention go by receive day, which is the same on replay.
CREATE TABLE {{.DB}}.flows {{.OnCluster}}
(
  site           LowCardinality(String) COMMENT 'hospital or clinic',
  realm          LowCardinality(String) COMMENT 'address space in which the addresses mean something',
  sensor         LowCardinality(String),
  domain         UInt32 COMMENT 'observation domain within the sensor (IPFIX 149)',
  start          DateTime64(6, 'UTC') COMMENT 'sensor clock; corrected = start - clock_offset microseconds' CODEC(Delta, ZSTD(1)),
  end            DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
  received       DateTime64(6, 'UTC') COMMENT 'when the hub''s stream stored the batch' CODEC(Delta, ZSTD(1)),
  clock_offset   Int64 COMMENT 'sensor clock minus hub clock, microseconds' CODEC(T64, ZSTD(1)),
  epoch          UInt64 COMMENT 'boot of the sensor' CODEC(Delta, ZSTD(1)),
  sequence       UInt64 COMMENT 'batch within the epoch' CODEC(Delta, ZSTD(1)),
  row            UInt32 COMMENT 'event of this kind within the batch' CODEC(Delta, ZSTD(1)),
  initiator      IPv6 COMMENT 'IPv4 mapped' CODEC(ZSTD(1)),
  initiator_port UInt16 CODEC(ZSTD(1)),
  initiator_mac  UInt64 COMMENT '0 when none' CODEC(ZSTD(1)),
  responder      IPv6 CODEC(ZSTD(1)),
  responder_port UInt16 CODEC(ZSTD(1)),
  responder_mac  UInt64 CODEC(ZSTD(1)),
  protocol       UInt8 COMMENT 'IANA protocol number',
  service        LowCardinality(String),
  initiator_octets  UInt64 COMMENT 'IP octets of the innermost packet, from initiator to responder' CODEC(T64, ZSTD(1)),
  responder_octets  UInt64 CODEC(T64, ZSTD(1)),
  initiator_packets UInt64 CODEC(T64, ZSTD(1)),
  responder_packets UInt64 CODEC(T64, ZSTD(1)),
  initiator_flags   UInt8 COMMENT 'union of TCP flags',
  responder_flags   UInt8,
  initiator_inferred Bool,
  vlan           UInt16 CODEC(ZSTD(1)),
  inner_vlan     UInt16 CODEC(ZSTD(1)),
  encap          UInt32 COMMENT 'bit set of encapsulations taken off' CODEC(ZSTD(1)),
  end_reason     LowCardinality(String),
  handshake_rtt  Int64 COMMENT 'nanoseconds, 0 when not seen' CODEC(T64, ZSTD(1)),
  retransmitted  UInt32 CODEC(T64, ZSTD(1)),
  duplicated     UInt32 CODEC(T64, ZSTD(1)),
  community_id   String CODEC(ZSTD(1)),
  operation_verbs   Array(LowCardinality(String)),
  operation_objects Array(LowCardinality(String)),
  operation_results Array(LowCardinality(String)),
  operation_counts  Array(UInt32) CODEC(ZSTD(1)),
  server_name    String COMMENT 'what the client asked for: TLS SNI, HTTP host' CODEC(ZSTD(1)),
  alpn           LowCardinality(String),
  version        LowCardinality(String) COMMENT 'of the service protocol',
  encrypted      Bool,
  outer_initiator IPv6 CODEC(ZSTD(1)),
  outer_responder IPv6 CODEC(ZSTD(1)),
  first_of_conversation Bool,
  INDEX by_start start TYPE minmax GRANULARITY 1,
  INDEX by_address [initiator, responder] TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_mac [initiator_mac, responder_mac] TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_port responder_port TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_service service TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX by_community community_id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = {{.Engine "MergeTree"}}
PARTITION BY toYYYYMMDD(received)
ORDER BY (site, start)
TTL toDateTime(received) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, {{.Insertable}}
