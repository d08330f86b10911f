package zonal

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
)

// defineDepartures has an instance that is gone taken out of Cloud Map, also one that could not say goodbye: a state machine makes
// one call for each end of an instance that a group tells. Its rule is one for each zone, so that a new zone changes none.
func (o *Operations) defineDepartures(p MembersProps) {
	d := p.Discovery
	role := o.serviceRole(naming.DeparturesRole, "states.amazonaws.com", machine.Allow([]string{"servicediscovery:DeregisterInstance"}, d.ServiceArn))
	states := awsstepfunctions.NewCfnStateMachine(o, jsii.String(naming.Departures), &awsstepfunctions.CfnStateMachineProps{RoleArn: role.AttrArn(),
		DefinitionString: jsii.String(departures(*awscdk.Aws_PARTITION(), *d.ServiceId))})
	cdkx.Suppress(states,
		cdkx.Rule{ID: "AwsSolutions-SF1", Reason: "It makes one call, and keeps the history of each execution for 90 days by itself."},
		cdkx.Rule{ID: "AwsSolutions-SF2", Reason: "There is nothing to trace in one call."})
	starts := o.serviceRole(naming.DeparturesStartRole, "events.amazonaws.com", machine.Allow([]string{"states:StartExecution"}, states.Ref()))
	for _, z := range p.Zones {
		awsevents.NewCfnRule(o, jsii.String(naming.DepartureRule(z.ZoneID)), &awsevents.CfnRuleProps{
			Description: jsii.String("Instances of service " + o.props.Name + " that are gone from zone " + z.ZoneID + " leave Cloud Map"),
			EventPattern: map[string]any{"source": []any{"aws.autoscaling"}, "detail-type": []any{"EC2 Instance Terminate Successful"},
				"detail": map[string]any{"AutoScalingGroupName": []any{o.groups[z.ZoneID].Ref()}}},
			Targets: cdkx.List(&awsevents.CfnRule_TargetProperty{Id: jsii.String(naming.Departures), Arn: states.Ref(), RoleArn: starts.AttrArn()})})
	}
}

// departures is Amazon States Language. Throttling and other accidents are tried again for some minutes; an instance that is not there
// any more has said goodbye itself.
func departures(partition, serviceID string) string {
	text, err := json.Marshal(map[string]any{"Comment": "Takes an instance that is gone out of Cloud Map", "StartAt": "Deregister", "States": map[string]any{
		"Deregister": map[string]any{"Type": "Task", "Resource": "arn:" + partition + ":states:::aws-sdk:servicediscovery:deregisterInstance",
			"Parameters": map[string]any{"ServiceId": serviceID, "InstanceId.$": "$.detail.EC2InstanceId"},
			"Catch":      []any{map[string]any{"ErrorEquals": []string{"ServiceDiscovery.InstanceNotFoundException"}, "Next": "Gone"}},
			"Retry": []any{map[string]any{"ErrorEquals": []string{"ServiceDiscovery.InstanceNotFoundException"}, "MaxAttempts": 0},
				map[string]any{"ErrorEquals": []string{"States.ALL"}, "IntervalSeconds": 5, "MaxAttempts": 6, "BackoffRate": 2}},
			"End": true},
		"Gone": map[string]any{"Type": "Succeed"}}})
	if err != nil {
		panic(err) // texts only
	}
	return string(text)
}

func (o *Operations) serviceRole(id, service string, may machine.Statement) awsiam.CfnRole {
	return awsiam.NewCfnRole(o, &id, &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": map[string]any{"Service": service}}}},
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: machine.Document(may)}}})
}
