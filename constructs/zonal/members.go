package zonal

import (
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
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
	m := machine.Props{Name: name, ImageId: p.ImageId, ImageName: p.ImageName, Provider: p.Provider, InstanceType: p.InstanceType, SecurityGroupIds: p.SecurityGroupIds,
		UserData: p.UserData, Namespace: p.Namespace, LogGroupName: p.LogGroupName, LogDays: p.LogDays, Private: !p.Public}
	if o := p.Program; o != nil {
		m.May = append(m.May, machine.Allow([]string{"s3:GetObject"}, map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", o.BucketName, "/", o.Key}}}))
	}
	if d := p.Discovery; d != nil {
		m.May = append(m.May, machine.Allow([]string{"servicediscovery:RegisterInstance", "servicediscovery:DeregisterInstance"}, d.ServiceArn))
	}
	return m
}

func (p MembersProps) check(f *cdkx.Fields) {
	var own cdkx.Fields
	p.Program = nil // its statement is CDK's
	p.machine("members").Check(&own)
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

// defineMembers defines one launch template, and with it a group in each zone. A new template replaces the instances of all zones at
// the same time, in each one after the other, an additional one first.
func (o *Operations) defineMembers() {
	p := o.props.Members.withDefaults()
	template := machine.DefineTemplate(o, p.machine("zonal-"+o.props.Name))
	for _, z := range p.Zones {
		o.groups[z.ZoneID] = machine.DefineGroup(cdkx.Namespace(o, naming.ZonalGroup(z.ZoneID)), template, machine.Group{SubnetIds: []*string{z.SubnetId}, Count: p.PerZone, NewFirst: true,
			TargetGroupArns: z.TargetGroupArns, Grace: boot,
			Why: "The number of instances in a zone does not change by load; an alarm says when one does not work. A notification of each start would say neither."})
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
