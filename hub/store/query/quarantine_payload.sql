-- purpose: what one batch in quarantine holds
-- reader: Store.QuarantinePayload, for taking it in again
-- cost: one row
SELECT payload FROM quarantine
WHERE site = {site:String} AND sensor = {sensor:String} AND epoch = {epoch:UInt64} AND sequence = {sequence:UInt64} AND toUnixTimestamp64Micro(received) = {received:Int64}
LIMIT 1
