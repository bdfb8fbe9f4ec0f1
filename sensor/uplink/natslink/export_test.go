package natslink

// Plain is for tests.
var Plain = plain
