package machine

import (
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Group says how many machines there are and where.
type Group struct {
	SubnetIds []*string
	// Count is how many there are, no more and no less.
	Count int
	// Spare is how many more there are while they are replaced; 0: the old one goes before the new one comes.
	Spare int
	// TargetGroupArns are those of a load balancer, whose health checks then count. Default: only EC2's own count.
	TargetGroupArns []*string
	// Grace is how long a new machine may fail those checks.
	Grace time.Duration
	// Why is the reason why nobody is notified of every start and stop, for cdk-nag.
	Why string
}

// DefineGroup defines an auto scaling group of machines. A changed template replaces them one after the other.
func DefineGroup(scope constructs.Construct, template awsec2.CfnLaunchTemplate, g Group) awsautoscaling.CfnAutoScalingGroup {
	props := &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize: jsii.String(strconv.Itoa(g.Count)), MaxSize: jsii.String(strconv.Itoa(g.Count + g.Spare)),
		LaunchTemplate:    &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{LaunchTemplateId: template.Ref(), Version: template.AttrLatestVersionNumber()},
		VpcZoneIdentifier: cdkx.List(g.SubnetIds...), HealthCheckType: jsii.String("EC2"), HealthCheckGracePeriod: jsii.Number(g.Grace.Seconds()),
	}
	if len(g.TargetGroupArns) > 0 {
		props.HealthCheckType, props.TargetGroupArns = jsii.String("ELB"), cdkx.List(g.TargetGroupArns...)
	}
	if g.Spare > 0 {
		props.DesiredCapacity = jsii.String(strconv.Itoa(g.Count))
	}
	group := awsautoscaling.NewCfnAutoScalingGroup(scope, jsii.String(naming.Group), props)
	kept := g.Count
	if g.Spare == 0 {
		kept = g.Count - 1
	}
	group.CfnOptions().SetUpdatePolicy(&awscdk.CfnUpdatePolicy{AutoScalingRollingUpdate: &awscdk.CfnAutoScalingRollingUpdate{
		MinInstancesInService: jsii.Number(kept), MaxBatchSize: jsii.Number(1), PauseTime: jsii.String("PT" + strconv.Itoa(int(g.pause().Seconds())) + "S"),
		// What would start or stop machines by itself waits until the replacement is done.
		SuspendProcesses: jsii.Strings("HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"),
	}})
	cdkx.Suppress(group, cdkx.Rule{ID: "AwsSolutions-AS3", Reason: g.Why})
	return group
}

// pause is how long the next machine waits for the one before. Nobody signals: a boot that fails is an alarm, and goes on
// trying, instead of a deployment that is rolled back to machines that may not start either.
func (g Group) pause() time.Duration {
	if g.Spare == 0 {
		return 0
	}
	return g.Grace
}
