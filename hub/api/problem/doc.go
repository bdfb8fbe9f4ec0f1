// Package problem makes the errors that callers of the API see.
//
// Input is what is wrong, with the field at fault; output is a google.rpc.Status with BadRequest
// details, in words for the person who made the call.
//
// All functions are pure.
//
// It logs nothing and decides nothing.
package problem
