package gate

// ReportPrefix is where in the bucket all reports lie.
const ReportPrefix = "reports/"

// ReportKey is the key of a run's report in the bucket. It depends on the run's id alone, so that an event that comes twice
// finds what the first one stored.
func ReportKey(network, runID string) string { return ReportPrefix + network + "/" + runID + ".json" }
