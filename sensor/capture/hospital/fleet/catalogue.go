package fleet

import (
	"github.com/wardscope/wardscope/sensor/capture/hospital/office"
	"github.com/wardscope/wardscope/sensor/capture/hospital/wire"
)

// System is an operating system as its traffic shows it.
type System struct {
	Name       string
	Stack      *wire.Stack
	Class      string // DHCP option 60
	Parameters []byte // DHCP option 55
	Windows    office.Windows
	Dialect    uint16 // highest SMB2 dialect; 0 for none
	Hello      office.Hello
	Agent      string // of its HTTP client
}

var (
	windowsList10 = []byte{1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252}
	windowsList7  = []byte{1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 43}
	windowsListXP = []byte{1, 15, 3, 6, 44, 46, 47, 31, 33, 249, 43}
	appleList     = []byte{1, 121, 3, 6, 15, 119, 252}
	dhclientList  = []byte{1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42}
	udhcpList     = []byte{1, 3, 6, 12, 15, 28, 42}
	phoneList     = []byte{1, 66, 6, 3, 15, 150, 35}
	printerList   = []byte{6, 3, 1, 15, 66, 67, 13, 44, 12, 81, 252}
	vxworksList   = []byte{1, 3, 6, 12}
)

func windows(name string, stack *wire.Stack, parameters []byte, major, minor byte, build uint16, dialect uint16, hello office.Hello, agent string) *System {
	return &System{Name: name, Stack: stack, Class: "MSFT 5.0", Parameters: parameters, Dialect: dialect, Hello: hello, Agent: agent,
		Windows: office.Windows{Major: major, Minor: minor, Build: build}}
}

// The systems that are played.
var (
	windows11   = windows("Windows 11", wire.Windows10, windowsList10, 10, 0, 26100, 0x0302, office.Browser, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36")
	windows10   = windows("Windows 10", wire.Windows10, windowsList10, 10, 0, 19045, 0x0302, office.Browser, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0")
	windowsLTSC = windows("Windows 10", wire.Windows10, windowsList10, 10, 0, 17763, 0x0302, office.Schannel, "Microsoft-CryptoAPI/10.0")
	Windows7    = windows("Windows 7", wire.Windows7, windowsList7, 6, 1, 7601, 0x0210, office.Schannel, "Microsoft-CryptoAPI/6.1")
	WindowsXP   = windows("Windows XP", wire.WindowsXP, windowsListXP, 5, 1, 2600, 0, office.Legacy, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; Trident/4.0)")
	server2022  = windows("Windows Server 2022", wire.Windows10, nil, 10, 0, 20348, 0x0302, office.Schannel, "Microsoft-CryptoAPI/10.0")
	server2016  = windows("Windows Server 2016", wire.Windows10, nil, 10, 0, 14393, 0x0302, office.Schannel, "Microsoft-CryptoAPI/10.0")
	Linux       = &System{Name: "Linux", Stack: wire.Linux, Parameters: dhclientList, Hello: office.Embedded, Agent: "curl/7.88.1"}
	embedded26  = &System{Name: "Linux", Stack: wire.LinuxOld, Class: "udhcp 1.20.2", Parameters: udhcpList, Hello: office.Embedded, Agent: "Wget"}
	macOS       = &System{Name: "macOS", Stack: wire.Apple, Parameters: appleList, Hello: office.Browser, Agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15"}
	vxWorks     = &System{Name: "VxWorks", Stack: wire.VxWorks, Parameters: vxworksList, Hello: office.Embedded}
	firmware    = &System{Stack: wire.Embedded, Parameters: udhcpList, Hello: office.Embedded}
	phoneSystem = &System{Stack: wire.LinuxOld, Class: "Cisco Systems, Inc. IP Phone CP-8841", Parameters: phoneList, Hello: office.Embedded}
	printSystem = &System{Stack: wire.LinuxOld, Class: "Hewlett-Packard LaserJet", Parameters: printerList, Hello: office.Embedded}
	SwitchOS    = &System{Name: "Cisco IOS", Stack: wire.RouterOnly, Hello: office.Embedded}
)

// Product is one model of a kind of device.
type Product struct {
	Vendor, Model, Version string
	OUI                    [3]byte
	System                 *System
	UID, Toolkit           string // DICOM implementation; toolkit is the version name
}

// Kind is a type of device: where it lives and which products there are of it.
type Kind struct {
	Category string
	Type     string // of the closed list; differs from the scenario's word for some servers
	segment  byte   // third octet of its first address block
	span     byte   // blocks that it may fill
	Prefix   string // of its host names
	DHCP     bool
	products []Product
}

// Address blocks by use: the third octet of an address.
const (
	segmentManagement = 1
	SegmentTransit    = 2
	segmentPublic     = 5
	segmentServers    = 10
	segmentImaging    = 20
	segmentPumps      = 30
	segmentMonitors   = 40
	segmentLab        = 50
	segmentBedside    = 55
	segmentBuilding   = 60
	segmentCameras    = 70
	segmentVoice      = 80
	segmentPrinters   = 90
	segmentOffice     = 100
)

var (
	dell    = [3]byte{0xd4, 0xbe, 0xd9}
	hp      = [3]byte{0x3c, 0xd9, 0x2b}
	lenovo  = [3]byte{0x54, 0xe1, 0xad}
	apple   = [3]byte{0x3c, 0x07, 0x54}
	vmware  = [3]byte{0x00, 0x50, 0x56}
	ciscoHW = [3]byte{0x00, 0x1b, 0x54}
	axis    = [3]byte{0x00, 0x40, 0x8c}
	hikHW   = [3]byte{0x44, 0x19, 0xb6}
	apc     = [3]byte{0x00, 0xc0, 0xb7}
)

// Catalogue holds the kinds by the word that scenarios use. Organisation prefixes are those of
// the IEEE registry for the named makers.
var Catalogue = map[string]*Kind{
	"modality-ct": {"medical", "modality-ct", segmentImaging, 4, "CT", false, []Product{
		{"Siemens Healthineers", "SOMATOM Definition", "VA48A", [3]byte{0x88, 0x4b, 0x39}, windowsLTSC, "1.3.12.2.1107.5.8.2", "MergeCOM3_390"},
		{"GE HealthCare", "Revolution CT", "16HW12", [3]byte{0x44, 0x4b, 0x5d}, Linux, "1.2.840.113619.6.281", "GE_CT_16HW12"}}},
	"modality-mr": {"medical", "modality-mr", segmentImaging, 4, "MR", false, []Product{
		{"Philips", "Ingenia", "5.7.1", [3]byte{0x00, 0x09, 0x5c}, windowsLTSC, "1.3.46.670589.5.30", "Philips MR 5.7"}}},
	"modality-us": {"medical", "modality-us", segmentImaging, 4, "US", true, []Product{
		{"GE HealthCare", "LOGIQ E10", "R3", [3]byte{0xa0, 0xf2, 0x17}, windows10, "1.2.840.113619.6.418", "LOGIQE10_R3"},
		{"Philips", "EPIQ 7", "9.0.3", [3]byte{0x00, 0x09, 0xfb}, windowsLTSC, "1.3.46.670589.14.9000", "EPIQ_9.0.3"},
		{"SonoSite", "M-Turbo", "4.1", [3]byte{0x00, 0x08, 0xfb}, firmware, "1.2.840.114340.3.1", "SONOSITE_41"}}},
	"modality-xr": {"medical", "modality-xr", segmentImaging, 4, "DX", false, []Product{
		{"Carestream", "DRX-Evolution", "5.7", [3]byte{0x00, 0x1d, 0x4a}, Windows7, "1.2.840.113564.3.5", "DV5.7"},
		{"Siemens Healthineers", "YSIO Max", "VF10", [3]byte{0x88, 0x4b, 0x39}, windowsLTSC, "1.3.12.2.1107.5.3.32", "FLUOROSPOT_VF10"}}},
	"pacs": {"medical", "pacs", segmentServers, 1, "PACS", false, []Product{
		{"", "dcm4chee", "5.31", vmware, Linux, "1.2.40.0.13.1.3", "dcm4che-5.31.0"}}},
	"infusion-pump": {"medical", "infusion-pump", segmentPumps, 8, "PCU", true, []Product{
		{"BD", "Alaris 8015", "12.1.2", [3]byte{0x9c, 0xc8, 0xae}, vxWorks, "", ""},
		{"ICU Medical", "Plum 360", "15.11", [3]byte{0x00, 0x03, 0xb1}, firmware, "", ""},
		{"B. Braun", "Infusomat Space", "8L", [3]byte{0x00, 0x12, 0x21}, firmware, "", ""}}},
	"pump-server": {"medical", "pump-server", segmentServers, 1, "PUMPSRV", false, []Product{
		{"", "Alaris Systems Manager", "12.1", vmware, server2016, "", ""}}},
	"patient-monitor": {"medical", "patient-monitor", segmentMonitors, 8, "MX", false, []Product{
		{"Philips", "IntelliVue MX450", "M.04.00", [3]byte{0x00, 0x09, 0xfb}, vxWorks, "", ""},
		{"Philips", "IntelliVue MP70", "J.10.50", [3]byte{0x00, 0x09, 0xfb}, vxWorks, "", ""}}},
	"central-station": {"medical", "central-station", segmentMonitors, 8, "PIC", false, []Product{
		{"Philips", "PIC iX", "C.02", hp, windowsLTSC, "", ""}}},
	"ventilator": {"medical", "ventilator", segmentMonitors, 8, "VENT", true, []Product{
		{"Dräger", "Evita V500", "2.51", [3]byte{0x00, 0x30, 0xe6}, embedded26, "", ""}}},
	"lab-analyser": {"medical", "lab-analyser", segmentLab, 4, "LAB", false, []Product{
		{"Roche", "cobas 6000", "06.06", [3]byte{0x00, 0x0e, 0x2f}, Windows7, "", ""},
		{"Sysmex", "XN-1000", "22.16", [3]byte{0x00, 0x06, 0x6b}, Windows7, "", ""},
		{"Beckman Coulter", "AU680", "7.1", [3]byte{0x00, 0xe0, 0x90}, windowsLTSC, "", ""}}},
	"lis":          {"medical", "lis", segmentServers, 1, "LIS", false, []Product{{"", "Laboratory server", "", vmware, server2016, "", ""}}},
	"hl7-engine":   {"medical", "hl7-engine", segmentServers, 1, "ENGINE", false, []Product{{"", "Mirth Connect", "4.4", vmware, Linux, "", ""}}},
	"poc-analyser": {"medical", "poc-analyser", segmentBedside, 4, "POC", true, []Product{{"Roche", "Accu-Chek Inform II", "04.02", [3]byte{0x00, 0x60, 0x19}, firmware, "", ""}, {"Abbott", "i-STAT DE", "1.8", [3]byte{0x00, 0x13, 0xdd}, firmware, "", ""}}},
	"wound-therapy": {"medical", "wound-therapy", segmentBedside, 4, "NPWT", true, []Product{
		{"Lantronix", "Wound therapy gateway", "3.2", [3]byte{0x00, 0x80, 0xa3}, embedded26, "", ""}}},
	"pers-gateway": {"medical", "pers-gateway", segmentBedside, 4, "PERS", true, []Product{
		{"Tunstall", "Emergency response gateway", "2.8", [3]byte{0x00, 0x25, 0xfb}, embedded26, "", ""}}},
	"nurse-call":          {"medical", "nurse-call", segmentBedside, 4, "NC", false, []Product{{"Rauland", "Responder 5", "R5.4", [3]byte{0x00, 0x90, 0x5e}, Linux, "", ""}}},
	"bacnet-controller":   {"building", "bacnet-controller", segmentBuilding, 8, "BC", false, []Product{{"Trane", "Tracer SC+", "v5.6", [3]byte{0x00, 0x12, 0xea}, embedded26, "", ""}, {"Delta Controls", "eBCON", "3.40", [3]byte{0x00, 0x40, 0xae}, firmware, "", ""}}},
	"hvac":                {"building", "hvac", segmentBuilding, 8, "AHU", false, []Product{{"Johnson Controls", "MS-NAE5510", "10.1", [3]byte{0x00, 0x10, 0x8d}, embedded26, "", ""}}},
	"lighting":            {"building", "lighting", segmentBuilding, 8, "LX", false, []Product{{"LOYTEC", "LDALI-ME204", "6.4", [3]byte{0x00, 0x0a, 0xb0}, embedded26, "", ""}}},
	"building-supervisor": {"building", "building-supervisor", segmentBuilding, 8, "BMS", false, []Product{{"Tridium", "Niagara 4", "4.10", [3]byte{0x00, 0x01, 0xf0}, server2016, "", ""}}},
	"ups":                 {"ot", "ups", segmentBuilding, 8, "UPS", false, []Product{{"APC", "Smart-UPS X 3000", "v6.9.6", apc, firmware, "", ""}}},
	"plc":                 {"ot", "plc", segmentBuilding, 8, "CHILLER", false, []Product{{"WAGO", "750-881", "01.09", [3]byte{0x00, 0x30, 0xde}, firmware, "", ""}}},
	"camera":              {"iot", "camera", segmentCameras, 8, "CAM", true, []Product{{"Axis", "P3245-V", "10.12.182", axis, embedded26, "", ""}, {"Hikvision", "DS-2CD2143G0-I", "V5.5.82", hikHW, embedded26, "", ""}}},
	"nvr":                 {"iot", "nvr", segmentCameras, 8, "NVR", false, []Product{{"Hikvision", "DS-7732NI", "V4.30", hikHW, embedded26, "", ""}}},
	"ip-phone":            {"it", "ip-phone", segmentVoice, 8, "SEP", true, []Product{{"Cisco", "CP-8841", "14.1.1", ciscoHW, phoneSystem, "", ""}}},
	"printer":             {"it", "printer", segmentPrinters, 8, "PRN", true, []Product{{"HP", "HP LaserJet M607", "2411", hp, printSystem, "", ""}}},
	"workstation": {"it", "workstation", segmentOffice, 40, "WS", true, []Product{
		{"Dell", "OptiPlex", "", dell, windows10, "", ""}, {"Lenovo", "ThinkCentre", "", lenovo, windows11, "", ""}, {"HP", "EliteDesk", "", hp, windows10, "", ""},
		{"Apple", "Mac mini", "", apple, macOS, "", ""}}},
	"domain-controller": {"it", "domain-controller", segmentServers, 1, "DC", false, []Product{{"", "", "", vmware, server2022, "", ""}}},
	"file-server":       {"it", "server", segmentServers, 1, "FILES", false, []Product{{"", "", "", vmware, server2022, "", ""}}},
	"sql-server":        {"it", "server", segmentServers, 1, "SQL", false, []Product{{"", "", "", vmware, server2016, "", ""}}},
	"portal":            {"it", "server", segmentPublic, 1, "PORTAL", false, []Product{{"", "", "", vmware, Linux, "", ""}}},
	"jump-host":         {"it", "server", segmentServers, 1, "JUMP", false, []Product{{"", "", "", vmware, Linux, "", ""}}},
	"switch":            {"it", "switch", segmentManagement, 1, "SW", false, []Product{{"Cisco", "WS-C2960X-48FPD-L", "15.2(7)E7", ciscoHW, SwitchOS, "", ""}}},
	"access-point":      {"it", "access-point", segmentManagement, 1, "AP", false, []Product{{"Cisco", "AIR-AP2802I-B-K9", "8.10.185.0", ciscoHW, embedded26, "", ""}}},
}
