-- purpose: in which hours which link addresses were seen with an address, apart for each hour
-- reader: Store.Stays, for who had an address at a time
-- cost: the observations of some addresses over their retention, by the bloom filter on the address
SELECT site, realm, address, mac, min(o.begin) AS first, max(o.finish) AS last
FROM
(
  SELECT site, realm, address, mac,
    observations.first - toIntervalMicrosecond(clock_offset) AS begin,
    observations.last - toIntervalMicrosecond(clock_offset) AS finish
  FROM observations
  WHERE address IN {addrs:Array(IPv6)} AND mac != 0 {{template "scope.sql" .}}
) AS o
GROUP BY site, realm, address, mac, toStartOfHour(o.begin)
ORDER BY realm, address, first, mac
