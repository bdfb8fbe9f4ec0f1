package bundle

import "regexp"

// hidden stands for what was taken out.
const hidden = "(removed)"

// secrets are what never leaves a sensor in a text, by its look. Too much is better than too little:
// who reads a bundle misses little by it.
var secrets = []struct {
	look *regexp.Regexp
	with string
}{
	// Keys and certificates, also where a log has written them in one line.
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|\z)`), hidden},
	// User and password of a URL: all up to the last @ before the path.
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/"'<>]*@`), "${1}" + hidden + "@"},
	// What follows in a URL after the path.
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s?"'<>]*)\?[^\s"'<>]*`), "${1}?" + hidden},
	// Tokens of ours, of JSON web tokens and of NATS keys.
	{regexp.MustCompile(`\bws[a-z]{0,4}_[A-Za-z0-9_.-]{6,}`), hidden},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*`), hidden},
	{regexp.MustCompile(`\bS[UAONCX][A-Z2-7]{54,}\b`), hidden},
	// Headers, with their scheme.
	{regexp.MustCompile(`(?i)((?:proxy-)?authorization["']?\s*[:=]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\n"']*)`), "${1}" + hidden},
	{regexp.MustCompile(`(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=_.-]{6,}`), "${1} " + hidden},
	// Values with a telling name.
	{regexp.MustCompile(`(?i)([a-z0-9_.-]*(?:password|passwd|passphrase|secret|token|community|credential|private_?key|api_?key|seed)[a-z0-9_-]*["']?\s*[:=]\s*)(?:"[^"\n]*"|'[^'\n]*'|[^\s,;"'}]+)`), "${1}" + hidden},
}

// Scrub takes everything out of a text that looks like a secret.
func Scrub(text string) string {
	for _, s := range secrets {
		text = s.look.ReplaceAllString(text, s.with)
	}
	return text
}
