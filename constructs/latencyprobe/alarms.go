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

// evaluation is over how many runs an alarm decides.
type evaluation struct {
	period  time.Duration
	of, out int
	missing string
}

// evaluation: with a schedule, two of three runs, because one run may be an accident and a run at the edge of a period may
// leave it empty; a path that nothing measures any more alarms too. Without a schedule the last verdict stands until the
// next one.
func (g *Gate) evaluation() evaluation {
	switch every := g.props.Every; {
	case every == 0:
		return evaluation{time.Minute, 1, 1, "ignore"}
	case 3*every <= 24*time.Hour: // CloudWatch looks back a day
		return evaluation{every, 3, 2, "breaching"}
	default:
		return evaluation{every, 1, 1, "breaching"}
	}
}

// defineAlarms defines for each path that a vantage measures an alarm that it is down and one that it misses what it is
// measured for: its objective or, where it has to be unreachable, that.
func (g *Gate) defineAlarms() {
	for i := range g.config.Paths {
		p := &g.config.Paths[i]
		if !p.MeasuredHere() {
			continue
		}
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
}

func (g *Gate) alarm(p *Path, id, what string, metric gate.Metric, statistic, operator string, threshold float64) {
	e := g.evaluation()
	var dimensions []any
	for _, d := range g.config.Dimensions(p) {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(d.Name), Value: jsii.String(d.Value)})
	}
	props := &awscloudwatch.CfnAlarmProps{AlarmDescription: jsii.String(fmt.Sprintf("Path %s of %s %s", p.Name, g.config.Network, what)),
		Namespace: jsii.String(gate.Namespace), MetricName: jsii.String(string(metric)), Dimensions: &dimensions, Statistic: jsii.String(statistic),
		Period: jsii.Number(e.period.Seconds()), EvaluationPeriods: jsii.Number(e.of), DatapointsToAlarm: jsii.Number(e.out),
		ComparisonOperator: jsii.String(operator), Threshold: jsii.Number(threshold), TreatMissingData: jsii.String(e.missing)}
	if g.props.TopicArn != nil {
		props.AlarmActions, props.OkActions = cdkx.List(g.props.TopicArn), cdkx.List(g.props.TopicArn)
	}
	awscloudwatch.NewCfnAlarm(g, &id, props)
}
