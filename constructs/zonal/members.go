package zonal

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
)

const (
	// Namespace is where in CloudWatch members' metrics go unless they are told otherwise.
	Namespace  = "Pathproof/Zonal"
	memberRole = "zonal" // dimension Role of their metrics, see package bootstrap
	logDays    = 30
	boot       = 5 * time.Minute
)

var groupForm = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// MembersProps configures the instances of a service: an auto scaling group for each zone, so that each has what it needs, whatever
// happens in others, and a new zone changes none.
type MembersProps struct {
	// Zones are where they stand; at least one. Required.
	Zones []MemberZone
	// PerZone is how many there are in each zone, 1 to 100. Required.
	PerZone int
	// SecurityGroupIds are 1 to 5 of the caller's. Nothing is opened here: they have to let in the load balancer and nobody else, and HTTPS out
	// to AWS. Required.
	SecurityGroupIds []*string
	// ImageId is the id of a pinned image for arm64. Required.
	ImageId *string
	// ImageName is the name of an image of Amazon's, in place of ImageId, for example al2023-ami-2023.8.20250818.0-kernel-6.1-arm64.
	// Default: none; ImageId is given.
	ImageName string
	// Provider looks up ImageName. Required with it.
	Provider *customresource.Provider
	// InstanceType is one with a Graviton processor.
	// Default: t4g.small.
	InstanceType string
	// UserData is #cloud-config text, at most 16 KB, without secrets. It is the same in all zones: a machine asks the metadata service
	// where it is. Required.
	UserData string
	// Signals says that the user data tells CloudFormation whether an instance serves: bootstrap's ZonalMember with SignalStack does, once the
	// load balancer calls the instance, or Cloud Map has it. Then a group is created, and an instance replaced by a new one, when the new
	// one serves; one that does not fails the deployment, and no further one is replaced, in this zone or any other. An instance finds
	// its group's logical id in its tag aws:cloudformation:logical-id, and its target groups in tags pathproof:targets-1 and so on.
	// Default: false; each new one has five minutes, whatever becomes of it.
	Signals bool
	// Program is an object in S3 that they may read.
	// Default: none.
	Program *Object
	// Namespace is where in CloudWatch their metrics go; the user data has to say the same.
	// Default: Pathproof/Zonal.
	Namespace string
	// LogGroupName is the log group that they write, which is defined here; the user data has to say the same. Required.
	LogGroupName string
	// LogDays is how long that log is kept, in days: a retention that CloudWatch Logs offers.
	// Default: 30.
	LogDays int
	// Public gives them public addresses, for subnets that lead to an Internet gateway.
	// Default: false.
	Public bool
	// Discovery is the Cloud Map service that they register with, in mode direct.
	// Default: none; a load balancer leads to them.
	Discovery *DiscoveryProps
}

// MemberZone is where members stand in a zone.
type MemberZone struct {
	// ZoneID is the AZ ID. Required.
	ZoneID string
	// SubnetId is their subnet. Required.
	SubnetId *string
	// TargetGroupArns are those that they join.
	// Default: none; required without Discovery.
	TargetGroupArns []*string
}

// Object is an object in S3.
type Object struct {
	// BucketName and Key say where it is. Required.
	BucketName, Key *string
}

// DiscoveryProps is a Cloud Map service.
type DiscoveryProps struct {
	// ServiceId and ServiceArn are the service's. Required.
	ServiceId, ServiceArn *string
}

func (p MembersProps) machine(name string) machine.Props {
	m := machine.Props{Name: name, Signals: p.Signals, ImageId: p.ImageId, ImageName: p.ImageName, Provider: p.Provider, InstanceType: p.InstanceType, SecurityGroupIds: p.SecurityGroupIds,
		UserData: p.UserData, Namespace: p.Namespace, LogGroupName: p.LogGroupName, LogDays: p.LogDays, Private: !p.Public}
	if o := p.Program; o != nil {
		m.May = append(m.May, machine.Allow([]string{"s3:GetObject"}, map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", o.BucketName, "/", o.Key}}}))
	}
	if d := p.Discovery; d != nil {
		m.May = append(m.May, machine.Allow([]string{"servicediscovery:RegisterInstance", "servicediscovery:DeregisterInstance"}, d.ServiceArn))
	}
	if p.Signals {
		m.May = append(m.May, machine.Allow([]string{"ec2:DescribeTags"}, "*"))
		if p.balanced() {
			m.May = append(m.May, machine.Allow([]string{"elasticloadbalancing:DescribeTargetHealth"}, "*"))
		}
		m.Unlimited = "AWS lists tags, and the health of targets, without resources."
	}
	return m
}

// balanced reports whether a load balancer leads to them.
func (p MembersProps) balanced() bool {
	return slices.ContainsFunc(p.Zones, func(z MemberZone) bool { return len(z.TargetGroupArns) > 0 })
}

func (p MembersProps) check(f *cdkx.Fields) {
	var own cdkx.Fields
	p.Program = nil // its statement is CDK's
	p.machine("members").Check(&own)
	machine.CheckSignals(&own, p.Signals, p.UserData)
	if p.PerZone < 1 || p.PerZone > 100 {
		own.Addf("perZone", "out of range, got %d; use 1 to 100", p.PerZone)
	}
	if !groupForm.MatchString(p.LogGroupName) {
		own.Addf("logGroupName", "not a name of a log group, got %q; write it like /pathproof/shop/zonal/foo", p.LogGroupName)
	}
	if len(p.Zones) == 0 {
		own.Addf("zones", "missing; give those of the service")
	}
	seen := map[string]bool{}
	for i, z := range p.Zones {
		at := fmt.Sprintf("zones[%d]", i)
		checkZone(&own, at, z.ZoneID, seen)
		own.RequireText(at+".subnetId", z.SubnetId)
		if len(z.TargetGroupArns) == 0 && p.Discovery == nil {
			own.Addf(at+".targetGroupArns", "missing; give those of the service, or discovery")
		}
	}
	if d := p.Discovery; d != nil {
		own.RequireText("discovery.serviceId", d.ServiceId)
		own.RequireText("discovery.serviceArn", d.ServiceArn)
	}
	f.Join(own.Below("members"))
}

func (p MembersProps) withDefaults() MembersProps {
	if p.Namespace == "" {
		p.Namespace = Namespace
	}
	if p.LogDays == 0 {
		p.LogDays = logDays
	}
	return p
}

// machineTags tell instances of a zone which target groups have to find them healthy. A tag holds up to 256 characters, so each has its own.
func (p MembersProps) machineTags(z MemberZone) map[string]*string {
	tags := map[string]*string{}
	if p.Signals {
		for i, arn := range z.TargetGroupArns {
			tags[bootstrap.TargetsTag+strconv.Itoa(i+1)] = arn
		}
	}
	return tags
}

// compareZones orders AZ IDs by their numbers: apne2-az2 comes before apne2-az10.
func compareZones(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// defineMembers defines one launch template, and with it a group in each zone. A new template replaces the instances of one zone after the
// other, by AZ ID, and in each one after the other, an additional one first: a template whose instances do not serve then ends in the
// first zone. CloudFormation heeds the order among whatever it updates, so a zone more, at the end or between others, updates none.
func (o *Operations) defineMembers() {
	p := o.props.Members.withDefaults()
	template := machine.DefineTemplate(o, p.machine("zonal-"+o.props.Name))
	var before awsautoscaling.CfnAutoScalingGroup
	for _, z := range slices.SortedFunc(slices.Values(p.Zones), func(a, b MemberZone) int { return compareZones(a.ZoneID, b.ZoneID) }) {
		group := machine.DefineGroup(cdkx.Namespace(o, naming.ZonalGroup(z.ZoneID)), template, machine.Group{SubnetIds: []*string{z.SubnetId}, Count: p.PerZone, NewFirst: true,
			TargetGroupArns: z.TargetGroupArns, Grace: boot, Signals: p.Signals, Awaited: true, MachineTags: p.machineTags(z),
			Why: "The number of instances in a zone does not change by load; an alarm says when one does not work. A notification of each start would say neither."})
		if before != nil {
			group.Node().AddDependency(before)
		}
		o.groups[z.ZoneID], before = group, group
	}
	if p.Discovery == nil {
		return
	}
	for _, z := range p.Zones {
		o.alarms[z.ZoneID] = cdkx.NewAlarm(o, naming.ZoneUnhealthyAlarm(z.ZoneID), cdkx.Alarm{Description: fmt.Sprintf("An instance of service %s in zone %s does not work or did not boot, "+
			"or none says anything", o.props.Name, z.ZoneID), Namespace: p.Namespace, Metric: "Healthy", Dimensions: map[string]*string{"Role": jsii.String(memberRole),
			"Name": jsii.String(o.props.Name + "-" + z.ZoneID)}, Statistic: "Minimum", Operator: "LessThanThreshold", Threshold: 1, Minutes: unhealthyMinutes,
			Missing: "breaching", TopicArn: o.props.TopicArn})
	}
	o.defineDepartures(p)
}
