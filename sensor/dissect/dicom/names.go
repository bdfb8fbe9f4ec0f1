package dicom

import "strings"

// classes names the SOP classes that tell what a device does (PS3.6, annex A). The storage
// classes of PS3.4, annex B.5 stand by their last parts in storage.
var classes = map[string]string{
	"1.2.840.10008.1.1":                "verification",
	"1.2.840.10008.1.20.1":             "storage-commitment",
	"1.2.840.10008.1.9":                "basic-study-notification",
	"1.2.840.10008.3.1.2.3.3":          "performed-procedure-step",
	"1.2.840.10008.5.1.1.9":            "greyscale-print",
	"1.2.840.10008.5.1.1.18":           "colour-print",
	"1.2.840.10008.5.1.1.16":           "printer",
	"1.2.840.10008.5.1.4.1.2.1.1":      "patient-root-find",
	"1.2.840.10008.5.1.4.1.2.1.2":      "patient-root-move",
	"1.2.840.10008.5.1.4.1.2.1.3":      "patient-root-get",
	"1.2.840.10008.5.1.4.1.2.2.1":      "study-root-find",
	"1.2.840.10008.5.1.4.1.2.2.2":      "study-root-move",
	"1.2.840.10008.5.1.4.1.2.2.3":      "study-root-get",
	"1.2.840.10008.5.1.4.31":           "modality-worklist",
	"1.2.840.10008.5.1.4.32.1":         "general-purpose-worklist",
	"1.2.840.10008.5.1.4.33":           "instance-availability",
	"1.2.840.10008.5.1.4.34.6.1":       "unified-procedure-step",
	"1.2.840.10008.5.1.4.1.1.481.1":    "rt-image",
	"1.2.840.10008.5.1.4.1.1.481.2":    "rt-dose",
	"1.2.840.10008.5.1.4.1.1.481.3":    "rt-structure-set",
	"1.2.840.10008.5.1.4.1.1.481.5":    "rt-plan",
	"1.2.840.10008.5.1.4.1.1.481.8":    "rt-ion-plan",
	"1.2.840.10008.5.1.4.1.1.104.1":    "encapsulated-pdf",
	"1.2.840.10008.5.1.4.1.1.88.11":    "structured-report",
	"1.2.840.10008.5.1.4.1.1.88.22":    "structured-report",
	"1.2.840.10008.5.1.4.1.1.88.33":    "structured-report",
	"1.2.840.10008.5.1.4.1.1.88.59":    "key-object-selection",
	"1.2.840.10008.5.1.4.1.1.88.67":    "dose-report",
	"1.2.840.10008.5.1.4.1.1.11.1":     "presentation-state",
	"1.2.840.10008.5.1.4.1.1.9.1.1":    "ecg-12-lead",
	"1.2.840.10008.5.1.4.1.1.9.1.2":    "ecg",
	"1.2.840.10008.5.1.4.1.1.9.2.1":    "haemodynamic",
	"1.2.840.10008.5.1.4.1.1.77.1.1":   "endoscopy-image",
	"1.2.840.10008.5.1.4.1.1.77.1.2":   "microscopy-image",
	"1.2.840.10008.5.1.4.1.1.77.1.4":   "photo",
	"1.2.840.10008.5.1.4.1.1.77.1.6":   "slide-image",
	"1.2.840.10008.5.1.4.1.1.77.1.5.1": "ophthalmic-photo",
	"1.2.840.10008.5.1.4.1.1.77.1.5.4": "ophthalmic-tomography",
}

const storageRoot = "1.2.840.10008.5.1.4.1.1."

var storage = map[string]string{
	"1": "cr-image", "1.1": "dx-image", "1.1.1": "dx-image", "1.2": "mammography-image", "1.2.1": "mammography-image", "1.3": "intraoral-image", "1.3.1": "intraoral-image",
	"2": "ct-image", "2.1": "ct-image", "2.2": "ct-image", "3": "us-multiframe-image", "3.1": "us-multiframe-image", "4": "mr-image", "4.1": "mr-image",
	"4.2": "mr-spectroscopy", "4.3": "mr-image", "4.4": "mr-image", "6": "us-image", "6.1": "us-image", "6.2": "us-volume", "5": "nm-image",
	"7": "secondary-capture", "7.1": "secondary-capture", "7.2": "secondary-capture", "7.3": "secondary-capture", "7.4": "secondary-capture",
	"12.1": "angiography-image", "12.1.1": "angiography-image", "12.2": "fluoroscopy-image", "12.2.1": "fluoroscopy-image", "12.3": "angiography-image",
	"13.1.1": "x-ray-3d", "13.1.2": "x-ray-3d", "13.1.3": "breast-tomosynthesis", "13.1.4": "breast-tomosynthesis", "13.1.5": "breast-tomosynthesis",
	"14.1": "intravascular-oct", "14.2": "intravascular-oct", "20": "nm-image", "30": "parametric-map", "66": "raw-data", "66.1": "registration", "66.2": "fiducials",
	"66.3": "registration", "66.4": "segmentation", "66.5": "segmentation", "67": "real-world-mapping", "128": "pet-image", "128.1": "pet-image", "130": "pet-image",
	"9.1.3": "ecg", "9.3.1": "electrophysiology", "9.4.1": "pulse-waveform", "9.5.1": "respiratory-waveform", "9.7.1": "eeg", "9.7.4": "sleep-eeg",
	"77.1.1.1": "endoscopy-video", "77.1.2.1": "microscopy-video", "77.1.4.1": "video-photo", "77.1.3": "slide-coordinates-image", "77.1.5.2": "ophthalmic-photo",
	"77.1.5.3": "stereometry", "77.1.6": "slide-image", "78.1": "lensometry", "78.2": "autorefraction", "78.3": "keratometry", "78.4": "refraction", "78.5": "visual-acuity",
	"78.7": "ophthalmic-biometry", "80.1": "visual-field", "81.1": "ophthalmic-thickness", "82.1": "corneal-topography", "88.11": "structured-report",
	"88.34": "structured-report", "88.40": "procedure-log", "88.50": "cad-report", "88.65": "cad-report", "88.68": "dose-report", "104.2": "encapsulated-cda", "104.3": "encapsulated-stl",
	"481.4": "rt-treatment-record", "481.6": "rt-treatment-record", "481.7": "rt-treatment-record", "481.9": "rt-treatment-record",
	"11.2": "presentation-state", "11.3": "presentation-state", "11.4": "presentation-state", "11.5": "presentation-state",
}

// modalities says what kind of device makes the objects of a storage class.
var modalities = map[string]string{
	"cr-image": "radiography system", "dx-image": "radiography system", "mammography-image": "mammography system", "breast-tomosynthesis": "mammography system",
	"intraoral-image": "dental X-ray system", "x-ray-3d": "angiography system", "ct-image": "CT scanner", "us-image": "ultrasound system", "us-multiframe-image": "ultrasound system",
	"us-volume": "ultrasound system", "mr-image": "MR scanner", "mr-spectroscopy": "MR scanner", "angiography-image": "angiography system", "fluoroscopy-image": "fluoroscopy system",
	"nm-image": "nuclear medicine camera", "pet-image": "PET scanner", "ecg-12-lead": "electrocardiograph", "ecg": "electrocardiograph", "haemodynamic": "haemodynamic recorder",
	"electrophysiology": "electrophysiology recorder", "eeg": "electroencephalograph", "sleep-eeg": "electroencephalograph", "endoscopy-image": "endoscope", "endoscopy-video": "endoscope",
	"microscopy-image": "microscope", "microscopy-video": "microscope", "slide-image": "slide scanner", "ophthalmic-photo": "ophthalmic camera",
	"ophthalmic-tomography": "optical coherence tomograph", "intravascular-oct": "intravascular imaging system", "lensometry": "refractometer", "autorefraction": "refractometer",
	"keratometry": "keratometer", "ophthalmic-biometry": "ocular biometer", "visual-field": "perimeter", "corneal-topography": "corneal topographer",
}

// Class names a SOP class; classes not in PS3.6 as known here keep their UID.
func Class(uid string) string {
	if n, ok := classes[uid]; ok {
		return n
	}
	if rest, ok := strings.CutPrefix(uid, storageRoot); ok {
		if n, ok := storage[rest]; ok {
			return n
		}
		return "other-storage"
	}
	return uid
}

// IsStorage reports whether a SOP class stores composite objects.
func IsStorage(uid string) bool {
	return strings.HasPrefix(uid, storageRoot)
}

// roots are UID roots of toolkits and makers, by the documents that publish them: conformance
// statements and the toolkits' own sources. The longest that fits counts.
var roots = []struct{ root, vendor, product string }{
	{"1.2.276.0.7230010.3.0.3.", "OFFIS", "DCMTK"},
	{"1.2.40.0.13.1.", "dcm4che.org", "dcm4che"},
	{"1.2.826.0.1.3680043.9.3811.", "", "pynetdicom"},
	{"1.2.826.0.1.3680043.9.7133.", "", "go-dicom"},
	{"1.2.826.0.1.3680043.2.1143.", "", "GDCM"},
	{"1.2.826.0.1.3680043.2.135.1066.", "", "Conquest"},
	{"1.3.6.1.4.1.30071.8", "", "fo-dicom"},
	{"1.2.826.0.1.3680043.10.854", "", "dcmjs-dimse"},
	{"1.3.6.1.4.1.25403.", "ClearCanvas", "ClearCanvas"},
	{"2.16.840.1.113669.2.", "Merge Healthcare", "MergeCOM-3"},
	{"1.2.840.113619.", "GE HealthCare", ""},
	{"1.3.12.2.1107.5.", "Siemens Healthineers", ""},
	{"1.3.46.670589.", "Philips", ""},
	{"1.2.392.200036.9116.", "Canon Medical", ""},
	{"1.2.392.200036.9125.", "Fujifilm", ""},
	{"1.2.124.113532.", "Agfa", ""},
	{"1.2.840.113564.", "Carestream", ""},
	{"1.2.246.352.", "Varian", ""},
	{"1.2.840.113681.", "Hologic", ""},
	{"1.2.840.113704.", "Philips", ""},
	{"1.2.840.114257.", "LEAD Technologies", "LEADTOOLS"},
	{"1.2.752.24.", "Sectra", ""},
	{"1.3.46.423632.", "Elekta", ""},
}

// Maker names who published an implementation class UID, as far as its root is known.
func Maker(uid string) (vendor, product string) {
	for _, r := range roots {
		if strings.HasPrefix(uid, r.root) {
			return r.vendor, r.product
		}
	}
	return "", ""
}
