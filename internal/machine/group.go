package machine

import (
	"maps"
	"slices"
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
	// Count is how many there are at least.
	Count int
	// Most is how many there are at most, by load. Default: Count, so their number never changes.
	Most int
	// NewFirst says that a new machine comes before an old one goes, whoever has it replaced. Default: the old one goes first.
	NewFirst bool
	// TargetGroupArns are those of a load balancer, whose health checks then count. Default: only EC2's own count.
	TargetGroupArns []*string
	// Grace is how long a new machine may fail those checks.
	Grace time.Duration
	// Signals says that machines tell CloudFormation whether they serve, so that it replaces no further one by machines that do not.
	// Default: nobody says anything, and it waits for Grace before the next one if NewFirst.
	Signals bool
	// Awaited says that the group is only created when its machines serve. Default: it is when they start.
	Awaited bool
	// TagKey and TagValue mark the group itself, so that a role can be limited to it.
	TagKey   string
	TagValue *string
	// MachineTags are put on each machine that the group starts, by key. Default: only those that AWS gives it.
	MachineTags map[string]*string
	// Why is the reason why nobody is notified of every start and stop, for cdk-nag.
	Why string
}

// patience is how long CloudFormation waits for a machine that says nothing, which one that fails by itself does not: packages,
// keys, a check that is tried for two minutes, and a load balancer that has to find it.
const patience = "PT15M"

// DefineGroup defines an auto scaling group of machines. A changed template replaces them one after the other.
func DefineGroup(scope constructs.Construct, template awsec2.CfnLaunchTemplate, g Group) awsautoscaling.CfnAutoScalingGroup {
	props := &awsautoscaling.CfnAutoScalingGroupProps{
		MinSize: number(g.Count), MaxSize: number(g.maxSize()),
		LaunchTemplate:    &awsautoscaling.CfnAutoScalingGroup_LaunchTemplateSpecificationProperty{LaunchTemplateId: template.Ref(), Version: template.AttrLatestVersionNumber()},
		VpcZoneIdentifier: cdkx.List(g.SubnetIds...), HealthCheckType: jsii.String("EC2"), HealthCheckGracePeriod: jsii.Number(g.Grace.Seconds()),
	}
	if len(g.TargetGroupArns) > 0 {
		props.HealthCheckType, props.TargetGroupArns = jsii.String("ELB"), cdkx.List(g.TargetGroupArns...)
	}
	if g.NewFirst {
		props.InstanceMaintenancePolicy = &awsautoscaling.CfnAutoScalingGroup_InstanceMaintenancePolicyProperty{MinHealthyPercentage: jsii.Number(100), MaxHealthyPercentage: jsii.Number(200)}
	}
	if g.maxSize() > g.Count && !g.scales() { // where it scales, a deployment leaves their number alone
		props.DesiredCapacity = number(g.Count)
	}
	if g.scales() { // until then a new machine's load says nothing
		props.DefaultInstanceWarmup = jsii.Number(g.Grace.Seconds())
	}
	if g.TagKey != "" {
		props.Tags = &[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{{Key: &g.TagKey, Value: g.TagValue, PropagateAtLaunch: jsii.Bool(false)}}
	}
	if len(g.MachineTags) > 0 {
		props.Tags = g.machineTags(props.Tags)
	}
	group := awsautoscaling.NewCfnAutoScalingGroup(scope, jsii.String(naming.Group), props)
	group.CfnOptions().SetUpdatePolicy(&awscdk.CfnUpdatePolicy{AutoScalingRollingUpdate: g.replacement()})
	if g.Signals && g.Awaited {
		group.CfnOptions().SetCreationPolicy(&awscdk.CfnCreationPolicy{ResourceSignal: &awscdk.CfnResourceSignal{Count: jsii.Number(g.Count), Timeout: jsii.String(patience)}})
	}
	cdkx.Suppress(group, cdkx.Rule{ID: "AwsSolutions-AS3", Reason: g.Why})
	return group
}

func (g Group) machineTags(tags *[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty) *[]*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty {
	var out []*awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty
	if tags != nil {
		out = *tags
	}
	for _, key := range slices.Sorted(maps.Keys(g.MachineTags)) {
		out = append(out, &awsautoscaling.CfnAutoScalingGroup_TagPropertyProperty{Key: &key, Value: g.MachineTags[key], PropagateAtLaunch: jsii.Bool(true)})
	}
	return &out
}

// scales reports whether their number changes by load.
func (g Group) scales() bool { return g.Most > g.Count }

// maxSize leaves room for a new machine beside the old ones.
func (g Group) maxSize() int {
	switch {
	case g.scales():
		return g.Most
	case g.NewFirst:
		return g.Count + 1
	}
	return g.Count
}

// replacement is how a changed template replaces them.
func (g Group) replacement() *awscdk.CfnAutoScalingRollingUpdate {
	kept, pause := g.Count-1, time.Duration(0)
	if g.NewFirst {
		kept, pause = g.Count, g.Grace
	}
	u := &awscdk.CfnAutoScalingRollingUpdate{MinInstancesInService: jsii.Number(kept), MaxBatchSize: jsii.Number(1), PauseTime: jsii.String("PT" + strconv.Itoa(int(pause.Seconds())) + "S"),
		// What would start or stop machines by itself waits until the replacement is done.
		SuspendProcesses: jsii.Strings("HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"),
	}
	if g.Signals {
		u.WaitOnResourceSignals, u.PauseTime, u.MinSuccessfulInstancesPercent = jsii.Bool(true), jsii.String(patience), jsii.Number(100)
	}
	return u
}

func number(n int) *string { return jsii.String(strconv.Itoa(n)) }
