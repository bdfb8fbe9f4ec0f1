package subject

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Stream is the JetStream stream that holds what sensors sent.
const Stream = "EVENTS"

// Partitions is the number of parts into which Stream is cut by sensor. It is frozen in the
// subjects of stored messages: changing it needs a new stream.
const Partitions = 16

// The stream's subjects. Sensors publish under Ingress; the server stores each message under
// the subject that IngressTransform makes of it, so that a reader can own a partition.
const (
	Ingress          = "events.*.*"
	IngressTransform = "partitioned.{{partition(16,1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}"
	Stored           = "partitioned.*.*.*"
)

// Buckets of the key-value store.
const (
	BucketControl = "CONTROL" // what people declared: sites, zones, sensors, deny list
	BucketIngest  = "INGEST"  // one journal record a partition
	BucketLease   = "LEASE"   // who owns a partition now
	BucketSupport = "SUPPORT" // support bundles of sensors
)

// Keys of BucketControl.
const (
	KeySites   = "sites"
	KeyZones   = "zones"
	KeyAdmin   = "admin"
	KeyAgain   = "again" // secret of batches that are taken out of quarantine
	sensorKeys = "sensor."
	denyKeys   = "deny."
	wishKeys   = "wish."
	enrolKeys  = "enrol."
	configKeys = "configuration."
	rollKeys   = "rollout."

	correctionKeys = "correction."
	registerKeys   = "register."
)

// Events is the subject on which a sensor publishes.
func Events(site model.SiteID, sensor model.SensorID) string {
	return "events." + string(site) + "." + string(sensor)
}

// ControlIngress is the subject of every sensor's reports, which the hub answers.
const ControlIngress = "control.*.*"

// Control is the subject on which a sensor reports and is told what to do.
func Control(site model.SiteID, sensor model.SensorID) string {
	return "control." + string(site) + "." + string(sensor)
}

// ParseControl reads the subject of a report.
func ParseControl(subject string) (site model.SiteID, sensor model.SensorID, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) != 3 || parts[0] != "control" {
		return "", "", fmt.Errorf("parse control subject %q: want %s", subject, ControlIngress)
	}
	if err := model.CheckID("site", parts[1]); err != nil {
		return "", "", fmt.Errorf("parse control subject %q: %w", subject, err)
	}
	if err := model.CheckID("sensor", parts[2]); err != nil {
		return "", "", fmt.Errorf("parse control subject %q: %w", subject, err)
	}
	return model.SiteID(parts[1]), model.SensorID(parts[2]), nil
}

// InboxPrefix is the prefix of the only subjects that a sensor may read: answers to itself.
func InboxPrefix(sensor model.SensorID) string { return "_INBOX." + string(sensor) }

// Inbox is the permission that goes with InboxPrefix.
func Inbox(sensor model.SensorID) string { return InboxPrefix(sensor) + ".>" }

// Partition selects the stored messages of one partition.
func Partition(p int) string { return "partitioned." + strconv.Itoa(p) + ".>" }

// ParseStored reads the subject of a stored message.
func ParseStored(subject string) (p int, site model.SiteID, sensor model.SensorID, err error) {
	parts := strings.Split(subject, ".")
	if len(parts) != 4 || parts[0] != "partitioned" {
		return 0, "", "", fmt.Errorf("parse stored subject %q: want %s", subject, Stored)
	}
	p, err = strconv.Atoi(parts[1])
	if err != nil || p < 0 || p >= Partitions || strconv.Itoa(p) != parts[1] {
		return 0, "", "", fmt.Errorf("parse stored subject %q: partition %q is not 0 to %d", subject, parts[1], Partitions-1)
	}
	if err := model.CheckID("site", parts[2]); err != nil {
		return 0, "", "", fmt.Errorf("parse stored subject %q: %w", subject, err)
	}
	if err := model.CheckID("sensor", parts[3]); err != nil {
		return 0, "", "", fmt.Errorf("parse stored subject %q: %w", subject, err)
	}
	return p, model.SiteID(parts[2]), model.SensorID(parts[3]), nil
}

// MessageID is the Nats-Msg-Id of a batch, by which the server drops what it got a moment ago.
func MessageID(id model.BatchID) string {
	return string(id.Sensor) + "/" + strconv.FormatUint(id.Epoch, 10) + "/" + strconv.FormatUint(id.Sequence, 10)
}

// ParseMessageID reads a Nats-Msg-Id back; the result names no site.
func ParseMessageID(s string) (model.BatchID, error) {
	sensor, rest, ok := strings.Cut(s, "/")
	epoch, sequence, ok2 := strings.Cut(rest, "/")
	if !ok || !ok2 {
		return model.BatchID{}, fmt.Errorf("parse message id %q: want sensor/epoch/sequence", s)
	}
	id := model.BatchID{Sensor: model.SensorID(sensor)}
	if err := model.CheckID("sensor", sensor); err != nil {
		return model.BatchID{}, fmt.Errorf("parse message id %q: %w", s, err)
	}
	var err error
	if id.Epoch, err = strconv.ParseUint(epoch, 10, 64); err != nil {
		return model.BatchID{}, fmt.Errorf("parse message id %q: epoch %q is no number", s, epoch)
	}
	if id.Sequence, err = strconv.ParseUint(sequence, 10, 64); err != nil || id.Sequence == 0 {
		return model.BatchID{}, fmt.Errorf("parse message id %q: sequence %q is no number from 1", s, sequence)
	}
	if MessageID(id) != s { // one spelling only, or the server would take one batch for two
		return model.BatchID{}, fmt.Errorf("parse message id %q: not in its plain form", s)
	}
	return id, nil
}

// CursorKey is the key in BucketIngest of a partition's journal record.
func CursorKey(p int) string { return "p" + strconv.Itoa(p) }

// PinKey is the key in BucketIngest of the copy of the sites declaration that a partition's
// group under way was decided with.
func PinKey(p int, revision uint64) string {
	return "realms." + strconv.Itoa(p) + "." + strconv.FormatUint(revision, 10)
}

// Pins selects every PinKey of a partition.
func Pins(p int) string { return "realms." + strconv.Itoa(p) + ".*" }

// LeaseKey is the key in BucketLease of a partition.
func LeaseKey(p int) string { return "p" + strconv.Itoa(p) }

// LeaseSubject is the subject behind LeaseKey: renewing a key with an expiry is a publish,
// because updating one through the key-value interface would remove the expiry.
func LeaseSubject(p int) string { return "$KV." + BucketLease + "." + LeaseKey(p) }

// SensorKey is the key in BucketControl of a registered sensor.
func SensorKey(sensor model.SensorID) string { return sensorKeys + string(sensor) }

// Sensors selects every SensorKey.
const Sensors = sensorKeys + "*"

// DenyKey is the key in BucketControl that shuts a sensor out.
func DenyKey(sensor model.SensorID) string { return denyKeys + string(sensor) }

// EnrolKey is the key in BucketControl of an enrolment token, by the SHA-256 of its secret, hexadecimal.
func EnrolKey(digest string) string { return enrolKeys + digest }

// Enrolments selects every EnrolKey.
const Enrolments = enrolKeys + "*"

// WishKey is the key in BucketControl of what a sensor is told to do.
func WishKey(sensor model.SensorID) string { return wishKeys + string(sensor) }

// Wishes selects every WishKey.
const Wishes = wishKeys + "*"

// ConfigurationKey is the key in BucketControl of one version of the sensors' configuration.
func ConfigurationKey(version uint64) string { return configKeys + strconv.FormatUint(version, 10) }

// Configurations selects every ConfigurationKey.
const Configurations = configKeys + "*"

// BundleKey is the key in BucketSupport of a sensor's last support bundle.
func BundleKey(sensor model.SensorID) string { return string(sensor) }

// RolloutKey is the key in BucketControl of one roll-out of a configuration.
func RolloutKey(number uint64) string { return rollKeys + strconv.FormatUint(number, 10) }

// Rollouts selects every RolloutKey.
const Rollouts = rollKeys + "*"

// Denied selects every DenyKey.
const Denied = denyKeys + "*"

// CorrectionKey is the key in BucketControl of a decision about devices.
func CorrectionKey(id uint64) string { return correctionKeys + strconv.FormatUint(id, 10) }

// Corrections selects every CorrectionKey.
const Corrections = correctionKeys + "*"

// RegisterHead is the key in BucketControl that says which chunks are a register.
func RegisterHead(name string) string { return registerKeys + name + ".head" }

// RegisterHeads selects every RegisterHead.
const RegisterHeads = registerKeys + "*.head"

// RegisterChunk is the key in BucketControl of a part of a register.
func RegisterChunk(name string, generation uint64, n int) string {
	return registerKeys + name + "." + strconv.FormatUint(generation, 10) + "." + strconv.Itoa(n)
}

// Subjects of the NATS server itself that the hub uses.
const (
	AuthCallout = "$SYS.REQ.USER.AUTH"
	Connections = "$SYS.REQ.SERVER.PING.CONNZ"
)

// Kick is the subject that makes a server close one of its connections.
func Kick(serverID string) string { return "$SYS.REQ.SERVER." + serverID + ".KICK" }

// Health is the subject on which a server says whether its streams can be written.
func Health(serverID string) string { return "$SYS.REQ.SERVER." + serverID + ".HEALTHZ" }
