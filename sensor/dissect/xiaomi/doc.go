// Package xiaomi reads Xiaomi's miIO protocol (header as published by the python-miio project) and
// recognises Xiaomi's push connection, whose opening names the phone.
//
// Input is single datagrams, or the two directions of a push connection. What leaves: the device id
// and vendor of who answers miIO, and of a push client's opening its model and system build.
//
// Nothing is kept.
//
// Encrypted contents, account numbers and hardware digests are not read.
//
// Text of the wire leaves as: model xiaomi-push.client; os xiaomi-push.client.
package xiaomi
