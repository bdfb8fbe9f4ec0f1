package mdns

import (
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// instance claims the instance before a service's type iff its maker gave it: it is the device's
// own host name, or a form of a maker that has the device's model or hardware address in it. All
// others may be names that people typed.
func (s speaker) instance(name, host string) {
	at := strings.Index(name, "._")
	if at <= 0 {
		return
	}
	label := strings.TrimSpace(name[:at]) // a camera's begins with a space
	hostLabel, _, _ := strings.Cut(host, ".")
	mac := ""
	if s.subject.MAC != 0 && (strings.HasPrefix(label, "[") || strings.HasPrefix(label, "Philips")) {
		mac = s.subject.MAC.String() // aa:bb:cc:dd:ee:ff
	}
	product, isDLink := strings.CutPrefix(label, "D-Link ")
	switch {
	case hostLabel != "" && label == hostLabel:
	case mac != "" && label == "["+mac+"]":
	case mac != "" && label == "Philips hue - "+strings.ToUpper(strings.ReplaceAll(mac[9:], ":", "")):
	case isDLink && dLink(product):
		if number, found := strings.CutSuffix(strings.TrimRight(product, " (0123456789)"), " Configuration Utility"); found {
			s.say(model.KindModel, number, "mdns.instance")
		}
	default:
		return
	}
	s.say(model.KindIdentifier, strings.TrimSpace(name), "mdns.instance")
}

// dLink reports the names of D-Link's services: one of the protocol, and one that begins with a
// model number. A counter in parentheses follows when a name was taken.
func dLink(name string) bool {
	if open := strings.LastIndex(name, " ("); open > 0 && strings.HasSuffix(name, ")") && strings.Trim(name[open+2:len(name)-1], "0123456789") == "" {
		name = name[:open]
	}
	number, found := strings.CutSuffix(name, " Configuration Utility")
	if !found {
		return name == "HNAP Service"
	}
	return len(number) >= 5 && len(number) <= 12 && strings.Trim(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == "" && strings.ContainsAny(number, "0123456789")
}
