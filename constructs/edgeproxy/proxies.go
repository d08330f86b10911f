package edgeproxy

import (
	"regexp"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
)

const (
	// Namespace is where in CloudWatch proxies' metrics go unless they are told otherwise.
	Namespace = "Pathproof/EdgeProxy"
	logDays   = 30
	boot      = 5 * time.Minute
	// certificateHours is how long before the end of a certificate an alarm goes off. Who renews it, and when, is not known; those
	// that are good for six days are renewed earlier than this, too.
	certificateHours = 72
	role             = "nginx" // dimension Role of their metrics, see package bootstrap
)

var groupForm = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)

// ProxiesProps configures Proxies.
type ProxiesProps struct {
	// Name is their name, in lower case: the dimension Name of their metrics. Required.
	Name string
	// SubnetIds are where they stand, with a way to the Internet; one in each zone. Required.
	SubnetIds []*string
	// SecurityGroupIds are 1 to 5 of the caller's. Nothing is opened here: they have to let the load balancer in, and HTTPS out to
	// AWS. Required.
	SecurityGroupIds []*string
	// TargetGroupArns are those that they join, of a Front. Required.
	TargetGroupArns []*string
	// Count is how many there are at least, over all zones. Required.
	Count int
	// MaxCount is how many there are at most, over all zones: more are started while the processors of all are busy more than half of the
	// time, and stopped when they are not. EC2 then measures their load each minute, which is billed.
	// Default: Count, so their number never changes.
	MaxCount int
	// Signals says that the user data tells CloudFormation whether a proxy serves, by bootstrap's Signal with the stack's name and
	// the group's logical id, once the load balancer calls it, by bootstrap's TargetGroups. Then the group is created, and a proxy replaced by a new one, when the new one serves; one that
	// does not fails the deployment, and no further one is replaced.
	// Default: false; each new one has five minutes, whatever becomes of it.
	Signals bool
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
	// UserData is #cloud-config text, at most 16 KB, without secrets: the one of bootstrap.EdgeProxy. Required.
	UserData string
	// TLSSecretArn is the secret with their certificate and key. One under a KMS key of the caller's needs that key's policy, or a
	// grant, to let the role decrypt with it. An alarm goes off three days before the certificate ends.
	// Default: none; TLS ends in front, or there is none.
	TLSSecretArn string
	// Namespace is where in CloudWatch their metrics go; the user data has to say the same.
	// Default: Pathproof/EdgeProxy.
	Namespace string
	// LogGroupName is the log group that they write, which is defined here; the user data has to say the same. Required.
	LogGroupName string
	// LogDays is how long that log is kept, in days: a retention that CloudWatch Logs offers.
	// Default: 30.
	LogDays int
	// TopicArn is the SNS topic, in the same Region, that the alarm tells.
	// Default: none; it is only shown.
	TopicArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ProxiesProps) Validate() error {
	var f cdkx.Fields
	p.machine().Check(&f)
	if len(p.SubnetIds) == 0 {
		f.Addf("subnetIds", "missing; give one in each zone")
	}
	if len(p.TargetGroupArns) == 0 {
		f.Addf("targetGroupArns", "missing; give those of a Front")
	}
	if p.Count < 1 || p.Count > 100 {
		f.Addf("count", "out of range, got %d; use 1 to 100", p.Count)
	}
	if p.MaxCount != 0 && (p.MaxCount < p.Count || p.MaxCount > 100) {
		f.Addf("maxCount", "out of range, got %d; use %d to 100", p.MaxCount, p.Count)
	}
	machine.CheckSignals(&f, p.Signals, p.UserData)
	if !groupForm.MatchString(p.LogGroupName) {
		f.Addf("logGroupName", "not a name of a log group, got %q; write it like /pathproof/shop/edge-proxy/api", p.LogGroupName)
	}
	return f.Err()
}

func (p ProxiesProps) withDefaults() ProxiesProps {
	if p.Namespace == "" {
		p.Namespace = Namespace
	}
	if p.LogDays == 0 {
		p.LogDays = logDays
	}
	return p
}

func (p ProxiesProps) machine() machine.Props {
	return machine.Props{Name: p.Name, ImageId: p.ImageId, ImageName: p.ImageName, Provider: p.Provider, InstanceType: p.InstanceType, SecurityGroupIds: p.SecurityGroupIds, UserData: p.UserData,
		Namespace: p.Namespace, LogGroupName: p.LogGroupName, LogDays: p.LogDays}
}

// Proxies are nginx instances of one name. Nobody can log in by SSH; Session Manager works.
type Proxies struct {
	constructs.Construct
	props    ProxiesProps
	template awsec2.CfnLaunchTemplate
	group    awsautoscaling.CfnAutoScalingGroup
}

// NewProxies defines proxies in scope. It panics if props are invalid; call Validate first.
func NewProxies(scope constructs.Construct, id string, props *ProxiesProps) *Proxies {
	if props == nil {
		props = &ProxiesProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	e := &Proxies{props: props.withDefaults()}
	constructs.NewConstruct_Override(e, scope, &id)
	p := e.props
	m := p.machine()
	m.Name, m.Signals, m.Detailed = "edge-proxy-"+p.Name, p.Signals, p.MaxCount > p.Count
	if p.TLSSecretArn != "" {
		m.May = []machine.Statement{machine.Allow([]string{"secretsmanager:GetSecretValue"}, p.TLSSecretArn)}
	}
	if p.Signals {
		m.May = append(m.May, machine.Allow([]string{"elasticloadbalancing:DescribeTargetHealth"}, "*"))
		m.Unlimited = "AWS tells the health of targets without resources."
	}
	e.template = machine.DefineTemplate(e, m)
	e.group = machine.DefineGroup(e, e.template, machine.Group{SubnetIds: p.SubnetIds, Count: p.Count, Most: p.MaxCount, NewFirst: true, TargetGroupArns: p.TargetGroupArns, Grace: boot,
		Signals: p.Signals, Awaited: true,
		Why: "Starts and stops by load or replacement are everyday; an alarm says when a proxy does not work. A notification of each start would say neither."})
	if p.MaxCount > p.Count {
		e.defineScaling()
	}
	cdkx.NewAlarm(e, naming.UnhealthyAlarm, cdkx.Alarm{Description: "An edge proxy " + p.Name + " does not work or did not boot, or none says anything", Namespace: p.Namespace,
		Metric: "Healthy", Dimensions: e.dimensions(), Statistic: "Minimum", Operator: "LessThanThreshold", Threshold: 1, Minutes: 5, Missing: "breaching", TopicArn: p.TopicArn})
	if p.TLSSecretArn != "" {
		cdkx.NewAlarm(e, naming.CertificateAlarm, cdkx.Alarm{Description: "The certificate of edge proxy " + p.Name + " ends within three days; put a new one into its secret", Namespace: p.Namespace,
			Metric: "CertificateHoursLeft", Dimensions: e.dimensions(), Statistic: "Minimum", Operator: "LessThanThreshold", Threshold: certificateHours, Minutes: 5, Missing: "ignore", TopicArn: p.TopicArn})
	}
	return e
}

// busy is how much of the processors' time all proxies together may use, in percent, before there are more of them. What nginx does
// for a request is work of the processor, TLS most of all, and a network load balancer counts no requests.
const busy = 50

func (e *Proxies) defineScaling() {
	awsautoscaling.NewCfnScalingPolicy(e, jsii.String(naming.Scaling), &awsautoscaling.CfnScalingPolicyProps{AutoScalingGroupName: e.group.Ref(), PolicyType: jsii.String("TargetTrackingScaling"),
		TargetTrackingConfiguration: &awsautoscaling.CfnScalingPolicy_TargetTrackingConfigurationProperty{TargetValue: jsii.Number(busy),
			PredefinedMetricSpecification: &awsautoscaling.CfnScalingPolicy_PredefinedMetricSpecificationProperty{PredefinedMetricType: jsii.String("ASGAverageCPUUtilization")}}})
}

func (e *Proxies) dimensions() map[string]*string {
	return map[string]*string{"Role": jsii.String(role), "Name": &e.props.Name}
}

// Group returns the auto scaling group.
func (e *Proxies) Group() awsautoscaling.CfnAutoScalingGroup { return e.group }

// LaunchTemplate returns the launch template.
func (e *Proxies) LaunchTemplate() awsec2.CfnLaunchTemplate { return e.template }

// MetricActiveConnections returns how many connections the proxies have open, their own to the origin left out. opts may be nil.
func (e *Proxies) MetricActiveConnections(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric(e.props.Namespace, "ActiveConnections", "Average", e.dimensions(), opts)
}
