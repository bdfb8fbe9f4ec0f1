package answer

import hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"

// ExposureOf is the exposure service of a, for tests without a server.
func ExposureOf(a *Answers) hubv1.ExposureServiceServer { return exposureServer{s: a} }
