package openvpn

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsautoscaling"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
)

const (
	// tag marks what belongs to one server, so that its role can do nothing to other instances.
	tag = "pathproof:openvpn"
	// boot is how long a server may take until it serves.
	boot = 5 * time.Minute
	role = "openvpn" // dimension Role of its metrics, see package bootstrap
)

// Server is an OpenVPN server. Nobody can log in by SSH; Session Manager works.
type Server struct {
	constructs.Construct
	props    ServerProps
	template awsec2.CfnLaunchTemplate
	group    awsautoscaling.CfnAutoScalingGroup
}

// NewServer defines a server in scope. It panics if props are invalid; call Validate first.
func NewServer(scope constructs.Construct, id string, props *ServerProps) *Server {
	p := orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	s := &Server{props: p.withDefaults()}
	constructs.NewConstruct_Override(s, scope, &id)
	m := s.props.machine()
	m.Name, m.Signals = role+"-"+p.Name, p.Signals
	m.TagKey, m.TagValue = tag, awscdk.Fn_Join(jsii.String("/"), &[]*string{awscdk.Aws_STACK_NAME(), s.Node().Path()})
	m.May = s.may(m.TagValue)
	s.template = machine.DefineTemplate(s, m)
	// A routed server's interface is of one instance at a time, and an old server without it would be of no use.
	s.group = machine.DefineGroup(s, s.template, machine.Group{SubnetIds: []*string{p.SubnetId}, Count: 1, Grace: boot, Signals: p.Signals, NewFirst: p.Signals && p.NetworkInterfaceId == nil,
		TagKey: tag, TagValue: m.TagValue,
		Why: "One server has two alarms: it does not work, or it cannot be reached. A notification of each start would say neither."})
	s.defineAlarms()
	return s
}

// may is what a server's role is allowed beyond what all machines are: its own keys, its PKI's public objects, its own address.
func (s *Server) may(tagged *string) []machine.Statement {
	p := s.props
	own := map[string]any{"StringEquals": map[string]any{"ec2:ResourceTag/" + tag: tagged}}
	object := func(name string) any {
		return map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", p.BucketName, "/" + p.PKI + "/" + name}}}
	}
	out := []machine.Statement{
		// The secret's ARN ends in six characters that Secrets Manager chooses.
		machine.Allow([]string{"secretsmanager:GetSecretValue"}, p.SecretArn,
			cdkx.Sub("arn:${AWS::Partition}:secretsmanager:"+p.TLSCryptRegion+":${AWS::AccountId}:secret:"+p.TLSCryptSecretName+"-??????")),
		machine.Allow([]string{"s3:GetObject"}, object("ca.pem"), object("crl.pem")),
		machine.Allow([]string{"ec2:AssociateAddress"}, machine.Arn("ec2", "elastic-ip/", p.AllocationId)),
		{Actions: []string{"ec2:AssociateAddress"}, Resources: []any{machine.Arn("ec2", "instance/*"), machine.Arn("ec2", "network-interface/*")}, Condition: own},
		machine.Allow([]string{"ec2:DescribeAddresses"}, "*"), // who has the address; EC2 knows no resources for it
		{Actions: []string{"autoscaling:SetInstanceHealth"}, Resources: []any{machine.Arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")},
			Condition: map[string]any{"StringEquals": map[string]any{"autoscaling:ResourceTag/" + tag: tagged}}},
	}
	if o := p.Program; o != nil {
		out = append(out, machine.Allow([]string{"s3:GetObject"}, map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", o.BucketName, "/", o.Key}}}))
	}
	if p.NetworkInterfaceId == nil {
		return out
	}
	return append(out,
		machine.Allow([]string{"ec2:DescribeNetworkInterfaces"}, "*"), // EC2 knows no resources for it
		machine.Allow([]string{"ec2:AttachNetworkInterface"}, machine.Arn("ec2", "network-interface/", p.NetworkInterfaceId)),
		machine.Statement{Actions: []string{"ec2:AttachNetworkInterface"}, Resources: []any{machine.Arn("ec2", "instance/*")}, Condition: own})
}

func (s *Server) dimensions() map[string]*string {
	return map[string]*string{"Role": jsii.String(role), "Name": &s.props.Name}
}

// defineAlarms: a server that says it is not well, or says nothing, for five minutes. A replacement takes less.
func (s *Server) defineAlarms() {
	p := s.props
	cdkx.NewAlarm(s, naming.UnhealthyAlarm, cdkx.Alarm{Description: "OpenVPN server " + p.Name + " does not work, did not boot, or says nothing", Namespace: p.Namespace,
		Metric: "Healthy", Dimensions: s.dimensions(), Statistic: "Maximum", Operator: "LessThanThreshold", Threshold: 1, Minutes: 5, Missing: "breaching", TopicArn: p.TopicArn})
	ends := func(id, what, metric string, late time.Duration) {
		cdkx.NewAlarm(s, id, cdkx.Alarm{Description: what + " of OpenVPN server " + p.Name + " was not renewed in time; when it has ended nobody gets in", Namespace: p.Namespace,
			Metric: metric, Dimensions: s.dimensions(), Statistic: "Minimum", Operator: "LessThanThreshold", Threshold: late.Hours(), Minutes: 5, Missing: "ignore", TopicArn: p.TopicArn})
	}
	ends(naming.CertificateAlarm, "The certificate", "CertificateHoursLeft", pki.ServerLate(p.life()))
	ends(naming.ListAlarm, "The list of revoked certificates", "RevocationListHoursLeft", pki.ListLate)
	cdkx.NewAlarm(s, naming.PoolAlarm, cdkx.Alarm{Description: "The pool of OpenVPN server " + p.Name + ", or one protocol's half of it, is 80 % full", Namespace: p.Namespace,
		Metric: "PoolUsed", Dimensions: s.dimensions(), Statistic: "Maximum", Operator: "GreaterThanOrEqualToThreshold", Threshold: 80,
		Minutes: 5, Missing: "notBreaching", TopicArn: p.TopicArn})
}

// Group returns the auto scaling group of one.
func (s *Server) Group() awsautoscaling.CfnAutoScalingGroup { return s.group }

// LaunchTemplate returns the launch template.
func (s *Server) LaunchTemplate() awsec2.CfnLaunchTemplate { return s.template }

// MetricConnectedClients returns how many people are connected. opts may be nil.
func (s *Server) MetricConnectedClients(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric(s.props.Namespace, "ConnectedClients", "Maximum", s.dimensions(), opts)
}

// MetricHealthy returns 1 while the server works, else 0; a server that says nothing has no data. opts may be nil.
func (s *Server) MetricHealthy(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return cdkx.Metric(s.props.Namespace, "Healthy", "Minimum", s.dimensions(), opts)
}
