package hospital

func newMix(Scenario, string, uint64) source       { return nil }
func newManyFlows(Scenario, string, uint64) source { return nil }
