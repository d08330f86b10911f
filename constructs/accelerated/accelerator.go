package accelerated

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsglobalaccelerator"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Accelerator is a Global Accelerator. It stays when it leaves the template, because its addresses stand in profiles and in
// partners' firewalls; a listener or an endpoint group does not.
type Accelerator struct {
	constructs.Construct
	accelerator awsglobalaccelerator.CfnAccelerator
}

// NewAccelerator defines an accelerator in scope. It panics if props are invalid; call Validate first.
func NewAccelerator(scope constructs.Construct, id string, props *AcceleratorProps) *Accelerator {
	if props == nil {
		props = &AcceleratorProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	p := props.withDefaults()
	a := &Accelerator{}
	constructs.NewConstruct_Override(a, scope, &id)
	a.accelerator = awsglobalaccelerator.NewCfnAccelerator(a, jsii.String(naming.Resource), &awsglobalaccelerator.CfnAcceleratorProps{
		Name: &p.Name, Enabled: jsii.Bool(true), IpAddressType: jsii.String("IPV4"), Tags: cdkx.Name(p.Name)})
	a.accelerator.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	if p.ParameterName != "" {
		awsssm.NewCfnParameter(a, jsii.String(naming.Parameter), &awsssm.CfnParameterProps{Name: &p.ParameterName, Type: jsii.String("String"),
			Value: a.accelerator.AttrDnsName(), Description: jsii.String("The DNS name of the accelerator " + p.Name)})
	}
	if p.FlowLogs != nil {
		a.defineFlowLogs(*p.FlowLogs)
	}
	for _, l := range p.Listeners {
		a.defineListener(l)
	}
	return a
}

// AcceleratorArn returns the ARN of the accelerator.
func (a *Accelerator) AcceleratorArn() *string { return a.accelerator.Ref() }

// DnsName returns the name by which people find it.
func (a *Accelerator) DnsName() *string { return a.accelerator.AttrDnsName() }

// Ipv4Addresses returns its two addresses, as a list token.
func (a *Accelerator) Ipv4Addresses() *[]*string { return a.accelerator.AttrIpv4Addresses() }

// Accelerator returns the CloudFormation resource.
func (a *Accelerator) Accelerator() awsglobalaccelerator.CfnAccelerator { return a.accelerator }

func (a *Accelerator) defineListener(l ListenerProps) {
	ns := constructs.NewConstruct(a, jsii.String(naming.Listener(l.Name, strings.ToLower(string(l.Protocol)))))
	affinity := "NONE"
	if l.SourceIPAffinity {
		affinity = "SOURCE_IP"
	}
	var ports []any
	for _, r := range l.Ports {
		ports = append(ports, &awsglobalaccelerator.CfnListener_PortRangeProperty{FromPort: jsii.Number(r.From), ToPort: jsii.Number(r.To)})
	}
	listener := awsglobalaccelerator.NewCfnListener(ns, jsii.String(naming.Resource), &awsglobalaccelerator.CfnListenerProps{
		AcceleratorArn: a.accelerator.Ref(), Protocol: jsii.String(string(l.Protocol)), PortRanges: &ports, ClientAffinity: &affinity})
	for _, g := range l.Groups {
		defineGroup(ns, listener, l, g.withDefaults())
	}
}

func defineGroup(ns constructs.Construct, listener awsglobalaccelerator.CfnListener, l ListenerProps, g EndpointGroupProps) {
	props := &awsglobalaccelerator.CfnEndpointGroupProps{ListenerArn: listener.Ref(), EndpointGroupRegion: &g.Region,
		TrafficDialPercentage: jsii.Number(or(g.Dial, DefaultDial)), HealthCheckProtocol: jsii.String(string(g.Health)),
		HealthCheckIntervalSeconds: jsii.Number(g.IntervalSeconds), ThresholdCount: jsii.Number(g.Threshold), HealthCheckPort: jsii.Number(g.healthPort(l))}
	if g.HealthPath != "" {
		props.HealthCheckPath = &g.HealthPath
	}
	var endpoints, overrides []any
	for _, e := range g.Endpoints {
		endpoints = append(endpoints, &awsglobalaccelerator.CfnEndpointGroup_EndpointConfigurationProperty{EndpointId: e.EndpointId,
			Weight: jsii.Number(or(e.Weight, DefaultWeight)), ClientIpPreservationEnabled: jsii.Bool(e.PreserveClientIP)})
	}
	props.EndpointConfigurations = &endpoints
	for _, o := range g.PortOverrides {
		overrides = append(overrides, &awsglobalaccelerator.CfnEndpointGroup_PortOverrideProperty{ListenerPort: jsii.Number(o.ListenerPort), EndpointPort: jsii.Number(o.EndpointPort)})
	}
	if len(overrides) > 0 {
		props.PortOverrides = &overrides
	}
	awsglobalaccelerator.NewCfnEndpointGroup(ns, jsii.String(naming.EndpointGroup(g.Region)), props)
}
