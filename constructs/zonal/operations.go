package zonal

import (
	"fmt"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsarczonalshift"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// unhealthyMinutes is how long a zone may have an unhealthy target, or none: an instance that is replaced takes less.
const unhealthyMinutes = 5

// OperationsProps configures Operations.
type OperationsProps struct {
	// Name is the service's name, in lower case. Required.
	Name string
	// Zones are watched, each with an alarm of its targets.
	// Default: none is.
	Zones []ZoneHealth
	// Members are instances of the service.
	// Default: none; targets are somebody else's.
	Members *MembersProps
	// Autoshift lets AWS move traffic out of a zone by itself.
	// Default: none.
	Autoshift *AutoshiftProps
	// TopicArn is the SNS topic, in the same Region, that alarms tell.
	// Default: none; they are only shown.
	TopicArn *string
}

// ZoneHealth says what metrics call the targets of a zone.
type ZoneHealth struct {
	// ZoneID is the AZ ID. Required.
	ZoneID string
	// ZoneName is the zone's name in this account, for example ap-northeast-2a: metrics tell zones apart by it. An import of a subnet's
	// AvailabilityZone.
	// Default: not known. The alarm is then of all targets of the load balancer: right where each zone has its own, and said in its
	// description where they share one.
	ZoneName *string
	// LoadBalancerFullName is the load balancer's. Required.
	LoadBalancerFullName *string
	// TargetGroupFullName is the target group's. Required.
	TargetGroupFullName *string
}

// AutoshiftProps configures a zonal autoshift. AWS moves traffic out of each zone in turn every week, for half an hour, to see whether the
// others carry it; an unhealthy target ends such a practice run.
type AutoshiftProps struct {
	// LoadBalancerArn is the one load balancer of the service, which allows zonal shifts. A change replaces the autoshift. Required.
	LoadBalancerArn *string
	// LoadBalancerFullName and TargetGroupFullName are what metrics call it. Required.
	LoadBalancerFullName, TargetGroupFullName *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p OperationsProps) Validate() error {
	var f cdkx.Fields
	if !nameForm.MatchString(p.Name) {
		f.Addf("name", "not a name, got %q; use lower case, digits and hyphens", p.Name)
	}
	seen := map[string]bool{}
	for i, z := range p.Zones {
		at := fmt.Sprintf("zones[%d]", i)
		checkZone(&f, at, z.ZoneID, seen)
		f.RequireText(at+".loadBalancerFullName", z.LoadBalancerFullName)
		f.RequireText(at+".targetGroupFullName", z.TargetGroupFullName)
	}
	if a := p.Autoshift; a != nil {
		f.RequireText("autoshift.loadBalancerArn", a.LoadBalancerArn)
		f.RequireText("autoshift.loadBalancerFullName", a.LoadBalancerFullName)
		f.RequireText("autoshift.targetGroupFullName", a.TargetGroupFullName)
	}
	if p.Members != nil {
		p.Members.check(&f)
	}
	return f.Err()
}

// Operations is what of a service comes and goes: alarms, instances, the autoshift.
type Operations struct {
	constructs.Construct
	props  OperationsProps
	alarms map[string]awscloudwatch.CfnAlarm // by AZ ID
	groups map[string]awsautoscaling.CfnAutoScalingGroup
}

// NewOperations defines operations in scope. It panics if props are invalid; call Validate first.
func NewOperations(scope constructs.Construct, id string, props *OperationsProps) *Operations {
	if props == nil {
		props = &OperationsProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	o := &Operations{props: *props, alarms: map[string]awscloudwatch.CfnAlarm{}, groups: map[string]awsautoscaling.CfnAutoScalingGroup{}}
	constructs.NewConstruct_Override(o, scope, &id)
	if o.props.Members != nil {
		o.defineMembers()
	}
	for _, z := range o.props.Zones {
		dimensions := map[string]*string{"LoadBalancer": z.LoadBalancerFullName, "TargetGroup": z.TargetGroupFullName}
		if z.ZoneName != nil {
			dimensions["AvailabilityZone"] = z.ZoneName
		}
		where := "zone " + z.ZoneID
		if z.ZoneName == nil && o.shared(z) {
			where = "some zone, perhaps " + z.ZoneID + " (what metrics call it is not known)"
		}
		// No data is no target: a load balancer counts what is registered, and nothing else.
		o.alarms[z.ZoneID] = o.unhealthy(naming.ZoneUnhealthyAlarm(z.ZoneID), fmt.Sprintf("A target of service %s in %s is unhealthy, or there is none; "+
			"callers of a zone are served by its targets alone", o.props.Name, where), dimensions, "breaching")
	}
	if o.props.Autoshift != nil {
		o.defineAutoshift()
	}
	return o
}

// shared reports whether the load balancer of a zone is that of others, too.
func (o *Operations) shared(z ZoneHealth) bool {
	return slices.ContainsFunc(o.props.Zones, func(other ZoneHealth) bool {
		return other.ZoneID != z.ZoneID && *other.LoadBalancerFullName == *z.LoadBalancerFullName
	})
}

func (o *Operations) unhealthy(id, what string, dimensions map[string]*string, missing string) awscloudwatch.CfnAlarm {
	return cdkx.NewAlarm(o, id, cdkx.Alarm{Description: what, Namespace: "AWS/NetworkELB", Metric: "UnHealthyHostCount", Dimensions: dimensions, Statistic: "Maximum",
		Operator: "GreaterThanOrEqualToThreshold", Threshold: 1, Minutes: unhealthyMinutes, Missing: missing, TopicArn: o.props.TopicArn})
}

// defineAutoshift also defines the alarm that ends a practice run. It names no zone, so a new zone does not change it.
func (o *Operations) defineAutoshift() {
	a := o.props.Autoshift
	outcome := o.unhealthy(naming.OutcomeAlarm, fmt.Sprintf("A target of service %s is unhealthy: a practice run of its zonal autoshift ends, and none begins", o.props.Name),
		map[string]*string{"LoadBalancer": a.LoadBalancerFullName, "TargetGroup": a.TargetGroupFullName}, "notBreaching")
	awsarczonalshift.NewCfnZonalAutoshiftConfiguration(o, jsii.String(naming.Autoshift), &awsarczonalshift.CfnZonalAutoshiftConfigurationProps{
		ResourceIdentifier: a.LoadBalancerArn, ZonalAutoshiftStatus: jsii.String("ENABLED"),
		PracticeRunConfiguration: &awsarczonalshift.CfnZonalAutoshiftConfiguration_PracticeRunConfigurationProperty{OutcomeAlarms: cdkx.List(
			&awsarczonalshift.CfnZonalAutoshiftConfiguration_ControlConditionProperty{Type: jsii.String("CLOUDWATCH"), AlarmIdentifier: outcome.AttrArn()})}})
}

// UnhealthyAlarm returns the alarm of a zone's targets, nil if the zone is not watched.
func (o *Operations) UnhealthyAlarm(zoneID string) awscloudwatch.CfnAlarm { return o.alarms[zoneID] }

// Group returns the auto scaling group of a zone, nil without Members.
func (o *Operations) Group(zoneID string) awsautoscaling.CfnAutoScalingGroup { return o.groups[zoneID] }
