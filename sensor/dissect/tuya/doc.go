// Package tuya reads Tuya's local protocol (as published by the TinyTuya project): frames, and the
// broadcasts of devices, which are in clear or under a published key.
//
// Input is single datagrams, or the two directions of a connection. What leaves of broadcasts: device
// id, product key, protocol version; that a broadcast is in clear.
//
// Nothing is kept.
//
// Other contents are encrypted under the device's own key and not read.
//
// Text of the wire leaves as: identifier tuya.gw_id, tuya.product_key.
package tuya
