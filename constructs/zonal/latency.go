package zonal

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
)

const (
	slowFactor  = 2
	slowMargin  = time.Millisecond
	failingBy   = 5.0 // percentage points
	slowInRow   = 4   // periods: in a run of 30 probes the p99 is the slowest one, and that is slow by accident at times
	failInRow   = 3   // periods: one lost probe in 30 is less than FailingBy
	maxCompared = 10  // metrics of one alarm, by the Amazon CloudWatch User Guide
)

// LatencyAlarmsProps configures LatencyAlarms.
type LatencyAlarmsProps struct {
	// Service is the service's name. Required.
	Service string
	// Config is that of the gate that measures the zones. Alarms stand where it runs, because its metrics are there. Required.
	Config *latencyprobe.Config
	// Zones are 2 to 10, each with the path that measures it, best from within the zone. Required.
	Zones []ZonePath
	// Every is how often the gate measures; its schedule. Required.
	Every time.Duration
	// SlowFactor and SlowMargin: a zone stands out when its 99th percentile of connect is at least SlowFactor times what the slowest other
	// zone has, that one lengthened by SlowMargin, since a fraction of a millisecond doubles easily.
	// Default: 2 and 1 ms.
	SlowFactor float64
	SlowMargin time.Duration
	// FailingBy: a zone stands out when so many more of its probes are lost than in the worst other zone, in percentage points.
	// Default: 5.
	FailingBy float64
	// TopicArn is the SNS topic, in the same Region, that alarms tell.
	// Default: none; they are only shown.
	TopicArn *string
}

// ZonePath is the path that measures a zone.
type ZonePath struct {
	// ZoneID is the AZ ID. Required.
	ZoneID string
	// Path is its name in Config. Required.
	Path string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p LatencyAlarmsProps) Validate() error {
	var f cdkx.Fields
	if !nameForm.MatchString(p.Service) {
		f.Addf("service", "not a name, got %q; use lower case, digits and hyphens", p.Service)
	}
	if n := len(p.Zones); n < 2 || n > maxCompared {
		f.Addf("zones", "want 2 to %d, got %d; a zone stands out from others only", maxCompared, n)
	}
	if p.Every < time.Minute {
		f.Addf("every", "want a minute or more, got %s; give the gate's schedule", p.Every)
	}
	if p.SlowFactor != 0 && p.SlowFactor <= 1 || p.SlowMargin < 0 || p.FailingBy < 0 || p.FailingBy > 100 {
		f.Addf("slowFactor", "a zone that is like the others would stand out, or none could, got %g, %s and %g points; use more than 1, 0 or more, and 0 to 100",
			p.SlowFactor, p.SlowMargin, p.FailingBy)
	}
	config, err := latencyprobe.Resolve(p.Config)
	if err != nil {
		f.Addf("config", "%w", err)
		return f.Err()
	}
	seen := map[string]bool{}
	for i, z := range p.Zones {
		at := fmt.Sprintf("zones[%d]", i)
		checkZone(&f, at, z.ZoneID, seen)
		if path := config.Path(z.Path); path == nil || !path.MeasuredHere() {
			f.Addf(at+".path", "not a path that the gate measures, got %q; give one with a vantage", z.Path)
		}
	}
	return f.Err()
}

func (p LatencyAlarmsProps) withDefaults() LatencyAlarmsProps {
	p.Config, _ = latencyprobe.Resolve(p.Config) // looked at by Validate
	if p.SlowFactor == 0 {
		p.SlowFactor = slowFactor
	}
	if p.SlowMargin == 0 {
		p.SlowMargin = slowMargin
	}
	if p.FailingBy == 0 {
		p.FailingBy = failingBy
	}
	return p
}

// period holds a run, also one that came late, up to the day that is the longest period of a metric. Some of them are what an alarm may look
// back: a day or, with periods of an hour or more, seven (PutMetricAlarm).
func (p LatencyAlarmsProps) period() time.Duration {
	return latencyprobe.Period(p.Config, p.Every).Truncate(time.Minute)
}

// LatencyAlarms compares the zones of a service: an alarm says which one is slower, another which one fails more often than all others.
// Both name the other zones, so a new zone changes them in place.
type LatencyAlarms struct {
	constructs.Construct
	props         LatencyAlarmsProps
	slow, failing map[string]awscloudwatch.CfnAlarm // by AZ ID
}

// SlowAlarm returns the alarm that a zone is slower than all others, nil for another zone.
func (a *LatencyAlarms) SlowAlarm(zoneID string) awscloudwatch.CfnAlarm { return a.slow[zoneID] }

// FailingAlarm returns the alarm that a zone fails more often than all others, nil for another zone.
func (a *LatencyAlarms) FailingAlarm(zoneID string) awscloudwatch.CfnAlarm { return a.failing[zoneID] }

// NewLatencyAlarms defines alarms in scope. It panics if props are invalid; call Validate first.
func NewLatencyAlarms(scope constructs.Construct, id string, props *LatencyAlarmsProps) *LatencyAlarms {
	if props == nil {
		props = &LatencyAlarmsProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	a := &LatencyAlarms{props: props.withDefaults(), slow: map[string]awscloudwatch.CfnAlarm{}, failing: map[string]awscloudwatch.CfnAlarm{}}
	constructs.NewConstruct_Override(a, scope, &id)
	p := a.props
	for i, z := range p.Zones {
		a.slow[z.ZoneID] = a.define(naming.SlowZoneAlarm(z.ZoneID), fmt.Sprintf("Zone %s of service %s is slow: its p99 of connect is at least %g x (that of the slowest other zone + %s). Callers there wait; "+
			"if it lasts, shift the zone away", z.ZoneID, p.Service, p.SlowFactor, p.SlowMargin), i, slowInRow, gate.MetricConnect, "p99",
			fmt.Sprintf("zone / (%%s + %d)", p.SlowMargin.Microseconds()), p.SlowFactor)
		a.failing[z.ZoneID] = a.define(naming.FailingZoneAlarm(z.ZoneID), fmt.Sprintf("Zone %s of service %s fails: of its probes at least %g %% more are lost than in the worst other zone. Callers there fail over; "+
			"if it lasts, shift the zone away", z.ZoneID, p.Service, p.FailingBy), i, failInRow, gate.MetricFail, "Average", "zone - %s", p.FailingBy)
	}
	return a
}

// define defines an alarm of the zone with this index, which goes off after so many periods in a row. Where no other zone has data, or the zone has none, there is nothing to compare.
func (a *LatencyAlarms) define(id, what string, index, inRow int, metric gate.Metric, statistic, expression string, threshold float64) awscloudwatch.CfnAlarm {
	p := a.props
	queries, others := []any{a.query("zone", p.Zones[index].Path, metric, statistic)}, []string{}
	for i, z := range p.Zones {
		if i != index {
			other := strings.ReplaceAll(z.ZoneID, "-", "_")
			queries, others = append(queries, a.query(other, z.Path, metric, statistic)), append(others, other)
		}
	}
	worst := "MAX([" + strings.Join(others, ", ") + "])"
	queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: jsii.String("standsOut"), ReturnData: true,
		Label: jsii.String(p.Zones[index].ZoneID + " beside the worst other zone"), Expression: jsii.String(fmt.Sprintf(expression, worst))})
	props := &awscloudwatch.CfnAlarmProps{AlarmDescription: &what, Metrics: &queries, ComparisonOperator: jsii.String("GreaterThanOrEqualToThreshold"), Threshold: &threshold,
		EvaluationPeriods: jsii.Number(inRow), DatapointsToAlarm: jsii.Number(inRow), TreatMissingData: jsii.String("ignore")}
	if p.TopicArn != nil {
		props.AlarmActions, props.OkActions = cdkx.List(p.TopicArn), cdkx.List(p.TopicArn)
	}
	return awscloudwatch.NewCfnAlarm(a, &id, props)
}

func (a *LatencyAlarms) query(id, path string, metric gate.Metric, statistic string) any {
	c := a.props.Config
	var dimensions []any
	for _, d := range c.Dimensions(c.Path(path)) {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d.Name), Value: jsii.String(d.Value)})
	}
	return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: &id, ReturnData: false, MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
		Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: jsii.String(gate.Namespace), MetricName: jsii.String(string(metric)), Dimensions: &dimensions},
		Period: jsii.Number(a.props.period().Seconds()), Stat: &statistic}}
}
