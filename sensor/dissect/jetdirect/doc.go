// Package jetdirect reads raw printing with HP's Printer Job Language (PJL Technical Reference Manual,
// edition 10, chapters 2 and 7).
//
// Input is both directions. What leaves: the model of INFO ID, product, serial number and firmware of
// INFO PRODINFO and CONFIG answers, that jobs are in clear.
//
// Jobs are passed over without being buffered.
//
// Names of jobs and users, display texts, and jobs, are not read.
//
// Text of the wire leaves as: firmware jetdirect.firmware; model jetdirect.info_id, jetdirect.product_name; serial
// jetdirect.serial_number.
package jetdirect
