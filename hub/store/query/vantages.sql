-- purpose: what the numbers of vantages stand for
-- reader: Store.Edges and Store.External
-- cost: three narrow columns of edges
SELECT cityHash64(site, sensor, domain), site, concat(sensor, '/', toString(domain)) FROM (SELECT DISTINCT site, sensor, domain FROM edges)
