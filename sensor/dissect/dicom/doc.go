// Package dicom reads the DICOM upper layer and the command part of its messages.
//
// Specification: PS3.8-2024, section 9.3 (PDUs), PS3.7-2024, section 6.3.1 and annexes D.3 and E (user
// information, commands), PS3.6 for the names of SOP classes.
//
// Input is the two directions of an association, from its request or from the middle of it. What
// leaves: AE titles of both ends, implementation class UID and version name, the product or maker
// whose UID root it is, SOP classes proposed and accepted as capabilities and roles (the kind of modality
// where a requester stores one kind of object and asks for its work list), that a server checks AE titles
// as its rejections say, and counted
// operations: verb, SOP class, result. Findings: cleartext, an association accepted without user
// identity, a user name or passcode sent in clear.
//
// A dissector keeps the presentation contexts of its association (128 at most) and 32 open
// requests. Data sets are skipped without being buffered.
//
// It never looks at data sets: no identifiers of patients, studies or images. SOP instance UIDs,
// move destinations and user identities in commands are read past.
//
// Text of the wire leaves as: capability dicom.abstract_syntax, dicom.presentation_context; fingerprint
// dicom.implementation_class_uid; identifier dicom.called_ae, dicom.calling_ae; operation dicom; software
// dicom.implementation_version_name.
package dicom
