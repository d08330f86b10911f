package cdkx

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Alarm is an alarm on one metric over whole minutes, or days.
type Alarm struct {
	Description, Namespace, Metric, Statistic string
	Dimensions                                map[string]*string
	Operator                                  string
	Threshold                                 float64
	Minutes                                   int    // in a row
	Days                                      int    // in a row, instead of Minutes, for a metric that comes once or twice a day
	Missing                                   string // how a minute or a day without data counts: breaching, notBreaching, ignore
	TopicArn                                  *string
}

// NewAlarm defines an alarm that tells a topic, if there is one, when it goes off and when it is over.
func NewAlarm(scope constructs.Construct, id string, a Alarm) awscloudwatch.CfnAlarm {
	var dimensions []any
	for _, name := range slices.Sorted(maps.Keys(a.Dimensions)) {
		dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: a.Dimensions[name]})
	}
	period, periods := 60, a.Minutes
	if a.Days > 0 {
		period, periods = 24*60*60, a.Days
	}
	props := &awscloudwatch.CfnAlarmProps{AlarmDescription: &a.Description, Namespace: &a.Namespace, MetricName: &a.Metric, Dimensions: &dimensions,
		Statistic: &a.Statistic, Period: jsii.Number(period), EvaluationPeriods: jsii.Number(periods), DatapointsToAlarm: jsii.Number(periods),
		ComparisonOperator: &a.Operator, Threshold: &a.Threshold, TreatMissingData: &a.Missing}
	if a.TopicArn != nil {
		props.AlarmActions, props.OkActions = List(a.TopicArn), List(a.TopicArn)
	}
	return awscloudwatch.NewCfnAlarm(scope, &id, props)
}
