package accelerated

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
)

// AlarmsProps configures Alarms.
type AlarmsProps struct {
	// Name is the accelerator's name, for people. Required.
	Name string
	// AcceleratorArn is the accelerator. Required.
	AcceleratorArn *string
	// TopicArn is the SNS topic in us-west-2 that the alarm tells.
	// Default: none; it is only shown.
	TopicArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p AlarmsProps) Validate() error {
	var f cdkx.Fields
	if p.Name == "" {
		f.Addf("name", "missing; name the accelerator")
	}
	machine.RequireText(&f, "acceleratorArn", p.AcceleratorArn, "give that of an Accelerator")
	return f.Err()
}

// Alarms says when an endpoint of an accelerator does not work. It has to stand in us-west-2, where the metrics are.
type Alarms struct {
	constructs.Construct
	unhealthy awscloudwatch.CfnAlarm
}

// NewAlarms defines the alarms of an accelerator in scope. It panics if props are invalid; call Validate first.
func NewAlarms(scope constructs.Construct, id string, props *AlarmsProps) *Alarms {
	if props == nil {
		props = &AlarmsProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	a := &Alarms{}
	constructs.NewConstruct_Override(a, scope, &id)
	key := awscdk.Fn_Select(jsii.Number(1), awscdk.Fn_Split(jsii.String("/"), props.AcceleratorArn, nil))
	// Global Accelerator sends metrics only while there is traffic: no data is no news.
	a.unhealthy = cdkx.NewAlarm(a, naming.UnhealthyAlarm, cdkx.Alarm{Description: "Accelerator " + props.Name + " has an endpoint that does not work", Namespace: "AWS/GlobalAccelerator",
		Metric: "UnhealthyEndpointCount", Dimensions: map[string]*string{"Accelerator": key}, Statistic: "Maximum", Operator: "GreaterThanOrEqualToThreshold", Threshold: 1,
		Minutes: 3, Missing: "ignore", TopicArn: props.TopicArn})
	return a
}

// Unhealthy returns the alarm.
func (a *Alarms) Unhealthy() awscloudwatch.CfnAlarm { return a.unhealthy }
