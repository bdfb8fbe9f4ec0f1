// Package redis reads the Redis serialization protocol, versions 2 and 3 (redis.io, "Redis
// serialization protocol specification").
//
// Input is both directions. What leaves: the server's version, mode and operating system (answers to
// INFO and HELLO), the client's library, the class of account of AUTH and HELLO, kinds of commands as
// counted operations, that commands are answered without a login.
//
// Of a command the name and at most three short arguments are looked at; longer ones are passed over
// unbuffered.
//
// Keys, values and names of connections are not read.
//
// Text of the wire leaves as: capability redis.redis_mode; os redis.os; software redis.client_setinfo,
// redis.redis_version.
package redis
