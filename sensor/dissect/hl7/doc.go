// Package hl7 reads who speaks HL7 version 2 (HL7 v2.9, chapters 2 and 7; v2.3 to v2.8 alike), over
// the Minimal Lower Layer Protocol (HL7 v2.9, appendix C.4.3; IHE ITI TF-2, appendix C) or bare TCP.
//
// Input is the two directions of a connection. What leaves, and nothing else does (invariant 3): MSH-3
// to MSH-6 (applications and facilities of both ends), MSH-9 as capability and counted operation,
// MSH-12 as version, MSH-18; SFT-1 to SFT-4; equipment: OBX-18, PRT-10, PRT-16 to PRT-20 (UDI);
// OBX-3 iff it is an MDC code that names a device. Equipment is a part behind the sender.
// Findings: cleartext, and no authentication, both inherent in the protocol.
//
// A dissector keeps the encoding characters and the last equipment of each direction. Segments
// longer than 8 KiB are skipped unread and unbuffered.
//
// Every other segment and field is read past by its name alone: PID, NK1, PV1, OBR, the values of
// OBX, notes, control ids and acknowledgement texts. FHIR and CDA are other protocols.
package hl7
