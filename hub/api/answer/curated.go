package answer

import (
	"github.com/wardscope/wardscope/hub/inventory"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// Device shapes a device for an answer, findings left out; detail brings its evidence.
func Device(d *inventory.Device, detail bool) *hubv1.Device { return deviceMessage(d, 0, detail) }

// Ref names a device in an answer, by its newest address.
func Ref(d *inventory.Device) *hubv1.DeviceRef { return deviceRef(d, model.Addr{}) }
