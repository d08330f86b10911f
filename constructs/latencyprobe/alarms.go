package latencyprobe

import (
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/probe"
)

// evaluation is over how many periods in a row an alarm decides.
type evaluation struct {
	period  time.Duration
	periods int
	missing string
}

const (
	pathPeriods     = 2 // one run may be an accident
	unprovenPeriods = 3
	lookBack        = 24 * time.Hour // CloudWatch's
)

// evaluation: with a schedule, some periods in a row, each long enough to hold a run that came late. A period without data, as
// there are when a path is new, then makes no alarm go off. Without a schedule the last verdict stands until the next one.
func (g *Gate) evaluation(periods int, missing string) evaluation {
	if g.props.Every == 0 {
		return evaluation{time.Minute, 1, "ignore"}
	}
	period := Period(g.config, g.props.Every)
	if periods = min(periods, int(lookBack/period)); periods == 1 {
		missing = "ignore" // one late run would be one missing period
	}
	return evaluation{period, periods, missing}
}

// defineAlarms defines for each path that a vantage measures an alarm that it is down and one that it misses what it is
// measured for: its objective or, where it has to be unreachable, that. One alarm of the network says that paths could not be
// measured or stay inconclusive, and that nothing is measured any more: one message, not one for each path.
func (g *Gate) defineAlarms() {
	measured := false
	for i := range g.config.Paths {
		p := &g.config.Paths[i]
		if !p.MeasuredHere() {
			continue
		}
		measured = true
		if p.Expect == probe.ExpectAnswer {
			g.alarm(p, naming.DownAlarm(p.Name), "is down: no probe came back", gate.MetricFail, "Minimum", "GreaterThanOrEqualToThreshold", 100)
		}
		switch {
		case p.Expect != probe.ExpectAnswer:
			g.alarm(p, naming.ObjectiveAlarm(p.Name), "has to be unreachable and is not", gate.MetricSLO, "Maximum", "LessThanThreshold", 0.5)
		case p.SLO != "":
			g.alarm(p, naming.ObjectiveAlarm(p.Name), "misses its objective "+p.SLO, gate.MetricSLO, "Maximum", "LessThanThreshold", 0.5)
		}
	}
	if measured {
		g.define(naming.UnprovenAlarm, "Paths of "+g.config.Network+" could not be measured or stay inconclusive, or nothing is measured any more",
			gate.MetricUnproven, g.config.NetworkDimensions(), "Minimum", "GreaterThanOrEqualToThreshold", 1, g.evaluation(unprovenPeriods, "breaching"))
	}
}

func (g *Gate) alarm(p *Path, id, what string, metric gate.Metric, statistic, operator string, threshold float64) {
	g.define(id, fmt.Sprintf("Path %s of %s %s", p.Name, g.config.Network, what), metric, g.config.Dimensions(p), statistic, operator, threshold,
		g.evaluation(pathPeriods, "ignore"))
}

func (g *Gate) define(id, what string, metric gate.Metric, of []gate.Dimension, statistic, operator string, threshold float64, e evaluation) {
	var dimensions []any
	for _, d := range of {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d.Name), Value: jsii.String(d.Value)})
	}
	props := &awscloudwatch.CfnAlarmProps{AlarmDescription: jsii.String(what),
		Namespace: jsii.String(gate.Namespace), MetricName: jsii.String(string(metric)), Dimensions: &dimensions, Statistic: jsii.String(statistic),
		Period: jsii.Number(e.period.Seconds()), EvaluationPeriods: jsii.Number(e.periods), DatapointsToAlarm: jsii.Number(e.periods),
		ComparisonOperator: jsii.String(operator), Threshold: jsii.Number(threshold), TreatMissingData: jsii.String(e.missing)}
	if g.props.TopicArn != nil {
		props.AlarmActions, props.OkActions = cdkx.List(g.props.TopicArn), cdkx.List(g.props.TopicArn)
	}
	// After the first run: a new path has data before anybody asks for it.
	awscloudwatch.NewCfnAlarm(g, &id, props).Node().AddDependency(g.run)
}
