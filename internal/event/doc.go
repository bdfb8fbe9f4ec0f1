// Package event converts batches of events between the row form that code uses (package model),
// the columns that travel (wardscope.event.v1.Batch, compressed by zstd) and the JSON lines that
// people read (wardscope.event.v1.Event).
//
// Input is a model.Batch or the bytes of one; output is the other. Encode and Decode are exact
// inverses but for times of flows, which travel in microseconds.
//
// Codec values own their compressor and buffers; one goroutine uses a Codec at a time. There
// are no goroutines inside.
//
// It does not decide what goes into a batch (package observe of the sensor) nor where it is
// stored (package ingest of the hub).
package event
