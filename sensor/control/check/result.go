package check

// Level is how bad a result is.
type Level uint8

// The levels.
const (
	LevelUnset Level = iota
	OK
	Warning // seen or told with a flaw
	Fault   // not seen or not told
)

var levelNames = [...]string{"unset", "ok", "warning", "fault"}

// String is the lower-case name.
func (l Level) String() string {
	if int(l) < len(levelNames) {
		return levelNames[l]
	}
	return levelNames[0]
}

// Result is one thing that was looked at.
type Result struct {
	Level  Level
	Topic  string // e.g. "link", "mirror", "disk"
	Name   string // of what is wrong, for machines: e.g. "one_way"; empty iff OK
	Text   string
	Remedy string // what to do; empty iff OK
}

func fine(topic, text string) Result { return Result{Level: OK, Topic: topic, Text: text} }
