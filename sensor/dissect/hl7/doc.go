// Package hl7 reads who speaks HL7 version 2, over the Minimal Lower Layer Protocol or bare TCP.
//
// Specification: HL7 v2.9, chapters 2 and 7 (v2.3 to v2.8 alike), MLLP of appendix C.4.3; IHE ITI TF-2, appendix C;
// IHE PCD TF-2, appendix B (devices in OBX-3 and OBX-18).
//
// Input is the two directions of a connection. What leaves, and nothing else does (invariant 3): MSH-3
// to MSH-6 (applications and facilities of both ends), MSH-9 as capability and counted operation,
// MSH-12 as version, MSH-18; fields 3 to 6 of the file and batch headers FHS and BHS; SFT-1 to SFT-4; equipment: OBX-18, PRT-10, PRT-16 to PRT-20 (UDI);
// OBX-3 iff it is an MDC code that names a device. Equipment is a part behind the sender.
// Findings: cleartext, and no authentication, both inherent in the protocol.
//
// A dissector keeps the encoding characters and the last equipment of each direction. Segments
// longer than 8 KiB are skipped unread and unbuffered.
//
// Every other segment and field is read past by its name alone: PID, NK1, PV1, OBR, the values of
// OBX, notes, control ids and acknowledgement texts. FHIR and CDA are other protocols.
//
// Text of the wire leaves as: capability hl7.MSH-18, hl7.MSH-9, hl7.PRT-17, hl7.PRT-18; firmware hl7.SFT-4; flow
// version; identifier hl7.BHS-3, hl7.BHS-4, hl7.BHS-5, hl7.BHS-6, hl7.FHS-3, hl7.FHS-4, hl7.FHS-5, hl7.FHS-6,
// hl7.MSH-3, hl7.MSH-4, hl7.MSH-5, hl7.MSH-6, hl7.OBX-18, hl7.OBX-18.3, hl7.PRT-10, hl7.PRT-16, hl7.PRT-19; model
// hl7.OBX-18.2, hl7.PRT-10.2; operation hl7; part hl7.OBX-18, hl7.OBX-18.2, hl7.OBX-18.3, hl7.OBX-3, hl7.PRT-10,
// hl7.PRT-10.2, hl7.PRT-16, hl7.PRT-17, hl7.PRT-18, hl7.PRT-19, hl7.PRT-20; role hl7.OBX-3; serial hl7.PRT-20;
// software hl7.SFT-3; vendor hl7.SFT-1.
package hl7
