-- purpose: the other ends of one finding, newest first
-- reader: Store.FindingPeers
-- cost: one key of the primary key
SELECT f.peer, f.peer_mac, f.peer_part, min(f.first) AS first, max(f.last) AS last, sum(f.count) AS count,
  argMaxMerge(f.community_id) AS community_id
FROM findings_by_key AS f
WHERE site = {site:String} AND realm = {realm:String} AND key = {key:String}
GROUP BY f.peer, f.peer_mac, f.peer_part
ORDER BY last DESC, f.peer, f.peer_mac, f.peer_part
LIMIT {limit:UInt32}
