package gate

// Namespace holds all metrics.
const Namespace = "Pathproof"

// Metric is the name of a metric of a path, with the dimensions of Dimensions. All are written by the gate, once for each
// run that measured the path; a path that was not measured has no data, and is counted in MetricUnproven.
type Metric string

// The metrics of a path. Times are the single samples, so that percentiles over any period are true.
const (
	MetricConnect Metric = "ConnectRtt"     // microseconds
	MetricWait    Metric = "Wait"           // microseconds
	MetricTotal   Metric = "Total"          // microseconds
	MetricFail    Metric = "FailurePercent" // percent
	MetricSLO     Metric = "SloPass"        // count: 1 if the verdict is pass, 0 if it is fail, 0.5 if it is inconclusive
	MetricReady   Metric = "ReadyWait"      // microseconds until the path worked, where the gate waited for it
)

// MetricPaths are the metrics of a whole run, with the dimension Network alone: how many paths have each verdict.
const (
	MetricPassed       Metric = "PathsPassed"
	MetricFailed       Metric = "PathsFailed"
	MetricInconclusive Metric = "PathsInconclusive"
	MetricNotMeasured  Metric = "PathsNotMeasured" // that a vantage was to measure
	MetricUnproven     Metric = "PathsUnproven"    // those, and the inconclusive
)

// Dimension is a dimension of a metric.
type Dimension struct{ Name, Value string }

// NoZone is the value of a zone's dimension where there is none: an end outside AWS.
const NoZone = "none"

// NetworkDimensions are those of the metrics of a whole run.
func (c *Config) NetworkDimensions() []Dimension { return []Dimension{{"Network", c.Network}} }

// Dimensions are those of a path's metrics. Alarms and widgets that name others see nothing.
func (c *Config) Dimensions(p *Path) []Dimension {
	source, target := NoZone, NoZone
	if v := c.Vantage(p.Vantage); v != nil && v.AZID != "" {
		source = v.AZID
	}
	if p.Zone != "" {
		target = p.Zone
	}
	return append(c.NetworkDimensions(), Dimension{"Path", p.Name}, Dimension{"SourceAzId", source}, Dimension{"TargetAzId", target})
}

// Vantage returns a vantage by its key, or nil.
func (c *Config) Vantage(key string) *Vantage {
	for i := range c.Vantages {
		if c.Vantages[i].Key == key {
			return &c.Vantages[i]
		}
	}
	return nil
}
