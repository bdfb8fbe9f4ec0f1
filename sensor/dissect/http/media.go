package http

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// api tells the healthcare interfaces by media type: FHIR (FHIR R4, section 3.1.0.1.11), DICOMweb (DICOM
// PS3.18, section 8.7), HL7 v2 (HAPI's HL7 over HTTP).
func api(media []byte) string {
	switch {
	case len(media) == 0:
		return ""
	case bytes.Contains(media, []byte("application/fhir+")), bytes.Contains(media, []byte("application/json+fhir")), bytes.Contains(media, []byte("application/xml+fhir")):
		return "fhir"
	case bytes.Contains(media, []byte("application/dicom")):
		return "dicomweb"
	case bytes.HasPrefix(media, []byte("application/hl7-v2")), bytes.HasPrefix(media, []byte("x-application/hl7-v2+er7")):
		return "hl7"
	}
	return ""
}

// object is the class of what a request to one of these interfaces is about: a resource type (FHIR R4,
// section 3.1.0.1.2) or a level (DICOM PS3.18, section 10.1.1), never an identifier.
func object(api string, target []byte) string {
	path, _, _ := bytes.Cut(target, []byte("?"))
	for segment := range bytes.SplitSeq(path, []byte("/")) {
		if _, ok := objects[api][string(segment)]; ok {
			return string(segment)
		}
	}
	return "resource"
}

// base is the part of a path before the first class of object: where the interface begins. Segments that could
// be more than a product's own words are not told.
func base(api string, target []byte) string {
	path, _, _ := bytes.Cut(target, []byte("?"))
	var out strings.Builder
	for segment := range bytes.SplitSeq(bytes.Trim(path, "/"), []byte("/")) {
		if _, ok := objects[api][string(segment)]; ok {
			return out.String() + "/"
		}
		if !bases[string(bytes.ToLower(segment))] {
			break
		}
		out.WriteString("/" + string(segment))
	}
	return ""
}

// bases are the words that published servers begin their paths with.
var bases = map[string]bool{"fhir": true, "api": true, "r4": true, "r5": true, "stu3": true, "dstu2": true, "v1": true, "v2": true, "v3": true, "v4": true,
	"baser4": true, "base": true, "rest": true, "hapi-fhir-jpaserver": true, "fhir-server": true, "dicom-web": true, "dicomweb": true,
	"wado-rs": true, "rs": true, "dcm4chee-arc": true, "aets": true, "open": true, "4_0_0": true}

// objects are those that say something of who asks for them.
var objects = map[string]map[string]struct{}{
	"fhir": words("metadata Patient Practitioner PractitionerRole Organization Location HealthcareService Encounter EpisodeOfCare Condition Procedure " +
		"Observation DiagnosticReport ServiceRequest Specimen ImagingStudy Media Device DeviceDefinition DeviceMetric DeviceRequest DeviceUseStatement " +
		"Medication MedicationRequest MedicationAdministration MedicationDispense MedicationStatement Immunization AllergyIntolerance CarePlan CareTeam " +
		"Goal Appointment Schedule Slot Task Communication Composition DocumentReference Binary Bundle Coverage Claim Account Consent AuditEvent " +
		"Provenance Subscription ValueSet CodeSystem StructureDefinition Questionnaire QuestionnaireResponse Group RelatedPerson NutritionOrder"),
	"dicomweb": words("studies series instances frames rendered thumbnail bulkdata metadata workitems modality-scheduled-procedure-steps"),
}

func words(list string) map[string]struct{} {
	set := map[string]struct{}{}
	for word := range strings.FieldsSeq(list) {
		set[word] = struct{}{}
	}
	return set
}

// medical tells of a request to one of the healthcare interfaces and counts it.
func (s *session) medical(e dissect.Emitter, dir dissect.Direction, h *head, message []byte) bool {
	name := api(h.contentType)
	if name == "" {
		name = api(h.accept)
	}
	if name == "" {
		return false
	}
	e.Service(name)
	if name == "hl7" {
		if body := message[h.size:]; len(body) > 0 {
			e.Inner("hl7", dir, body)
		}
		e.Operate(verb(h.method), "message", model.ResultUnset, 1)
		return true
	}
	e.Operate(verb(h.method), object(name, h.target), model.ResultUnset, 1)
	if path := base(name, h.target); path != "" {
		e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Receiver(dir)), Kind: model.KindServiceOffered, Value: name + " at " + path, Source: name + ".base"})
	}
	return true
}
