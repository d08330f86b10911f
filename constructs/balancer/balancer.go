package balancer

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// policy is TLS 1.2 and 1.3 with forward secrecy.
const policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"

// deregistration is how long a target that goes away finishes what it does, in seconds.
const deregistration = "60"

// LoadBalancer is a load balancer.
type LoadBalancer struct {
	constructs.Construct
	balancer awselasticloadbalancingv2.CfnLoadBalancer
	targets  map[int]awselasticloadbalancingv2.CfnTargetGroup
}

// NewLoadBalancer defines a load balancer in scope. It panics if props are invalid; call Validate first.
func NewLoadBalancer(scope constructs.Construct, id string, props *LoadBalancerProps) *LoadBalancer {
	if props == nil {
		props = &LoadBalancerProps{}
	}
	p := *props
	cdkx.MustBeValid(scope, id, p.Validate())
	b := &LoadBalancer{targets: map[int]awselasticloadbalancingv2.CfnTargetGroup{}}
	constructs.NewConstruct_Override(b, scope, &id)
	scheme := "internal"
	if p.Public {
		scheme = "internet-facing"
	}
	where := &awselasticloadbalancingv2.CfnLoadBalancerProps{Type: jsii.String(string(p.Kind)), Scheme: &scheme, IpAddressType: jsii.String("ipv4"),
		SecurityGroups: cdkx.List(p.SecurityGroupIds...), LoadBalancerAttributes: p.attributes(), Tags: cdkx.Name(p.Name)}
	if len(p.Mappings) > 0 {
		where.SubnetMappings = p.mappings()
	} else {
		where.Subnets = cdkx.List(p.SubnetIds...)
	}
	b.balancer = awselasticloadbalancingv2.NewCfnLoadBalancer(b, jsii.String(naming.Resource), where)
	cdkx.Suppress(b.balancer, cdkx.Rule{ID: "AwsSolutions-ELB2", Reason: "What answers behind it logs each request; access logs would say it twice and are billed by volume."})
	for _, t := range p.Targets {
		b.targets[t.Port] = b.defineTargets(p, t)
	}
	for _, l := range p.Listeners {
		b.defineListener(p, l)
	}
	return b
}

func (p LoadBalancerProps) attributes() *[]any {
	attribute := func(key, value string) any {
		return &awselasticloadbalancingv2.CfnLoadBalancer_LoadBalancerAttributeProperty{Key: &key, Value: &value}
	}
	if p.Kind == Network {
		out := []any{attribute("load_balancing.cross_zone.enabled", strconv.FormatBool(p.CrossZone))}
		if p.ClientRouting != "" {
			out = append(out, attribute("dns_record.client_routing_policy", string(p.ClientRouting)))
		}
		if p.ZonalShift != nil {
			out = append(out, attribute("zonal_shift.config.enabled", strconv.FormatBool(*p.ZonalShift)))
		}
		return &out
	}
	return cdkx.List(attribute("routing.http.drop_invalid_header_fields.enabled", "true"), attribute("idle_timeout.timeout_seconds", "60"))
}

func (p LoadBalancerProps) mappings() *[]any {
	var out []any
	for _, m := range p.Mappings {
		out = append(out, &awselasticloadbalancingv2.CfnLoadBalancer_SubnetMappingProperty{SubnetId: m.SubnetId, PrivateIPv4Address: jsii.String(m.Address.String())})
	}
	return &out
}

func (b *LoadBalancer) defineTargets(p LoadBalancerProps, t TargetGroupProps) awselasticloadbalancingv2.CfnTargetGroup {
	protocol, health, kind := "TCP", "TCP", string(t.targetType())
	if p.Kind == Application {
		protocol, health = "HTTP", "HTTP"
		if t.HealthPath == "" {
			t.HealthPath = "/"
		}
	}
	props := &awselasticloadbalancingv2.CfnTargetGroupProps{VpcId: p.VpcId, Port: jsii.Number(t.Port), Protocol: &protocol, HealthCheckPort: jsii.String("traffic-port"),
		HealthCheckIntervalSeconds: jsii.Number(10), HealthCheckTimeoutSeconds: jsii.Number(5), HealthyThresholdCount: jsii.Number(2), UnhealthyThresholdCount: jsii.Number(2),
		TargetType: &kind, TargetGroupAttributes: t.attributes(), Tags: cdkx.Name(p.Name)}
	if t.HealthPath != "" {
		health = "HTTP"
		if t.HealthTLS {
			health = "HTTPS"
		}
		props.HealthCheckPath = &t.HealthPath
		props.Matcher = &awselasticloadbalancingv2.CfnTargetGroup_MatcherProperty{HttpCode: jsii.String("200-399")}
	}
	props.HealthCheckProtocol = &health
	var targets []any
	for _, a := range t.Addresses {
		targets = append(targets, &awselasticloadbalancingv2.CfnTargetGroup_TargetDescriptionProperty{Id: jsii.String(a.String())})
	}
	for _, id := range t.InstanceIDs {
		targets = append(targets, &awselasticloadbalancingv2.CfnTargetGroup_TargetDescriptionProperty{Id: jsii.String(id)})
	}
	if len(targets) > 0 {
		props.Targets = &targets
	}
	return awselasticloadbalancingv2.NewCfnTargetGroup(b, jsii.String(naming.PortTargets(strconv.Itoa(t.Port))), props)
}

func (t TargetGroupProps) attributes() *[]any {
	attribute := func(key, value string) any {
		return &awselasticloadbalancingv2.CfnTargetGroup_TargetGroupAttributeProperty{Key: &key, Value: &value}
	}
	out := []any{attribute("deregistration_delay.timeout_seconds", deregistration)}
	if t.PreserveClientIP != nil {
		out = append(out, attribute("preserve_client_ip.enabled", strconv.FormatBool(*t.PreserveClientIP)))
	}
	return &out
}

func (b *LoadBalancer) defineListener(p LoadBalancerProps, l ListenerProps) {
	action := &awselasticloadbalancingv2.CfnListener_ActionProperty{Type: jsii.String("forward")}
	if l.RedirectPort != 0 {
		action.Type = jsii.String("redirect")
		action.RedirectConfig = &awselasticloadbalancingv2.CfnListener_RedirectConfigProperty{StatusCode: jsii.String("HTTP_301"),
			Protocol: jsii.String("HTTPS"), Port: jsii.String(strconv.Itoa(l.RedirectPort))}
	} else {
		action.TargetGroupArn = b.targets[l.TargetPort].Ref()
	}
	props := &awselasticloadbalancingv2.CfnListenerProps{LoadBalancerArn: b.balancer.Ref(), Port: jsii.Number(l.Port), Protocol: jsii.String(string(l.Protocol)),
		DefaultActions: cdkx.List(action)}
	if l.Protocol.encrypted() {
		props.SslPolicy = jsii.String(policy)
		props.Certificates = cdkx.List(&awselasticloadbalancingv2.CfnListener_CertificateProperty{CertificateArn: &p.CertificateArn})
	}
	if l.HTTP2 {
		props.AlpnPolicy = jsii.Strings("HTTP2Preferred")
	}
	awselasticloadbalancingv2.NewCfnListener(b, jsii.String(naming.PortListener(strconv.Itoa(l.Port))), props)
}

// LoadBalancerArn returns the ARN of the load balancer.
func (b *LoadBalancer) LoadBalancerArn() *string { return b.balancer.Ref() }

// DnsName returns the name by which it is found; its addresses change.
func (b *LoadBalancer) DnsName() *string { return b.balancer.AttrDnsName() }

// CanonicalHostedZoneId returns the hosted zone of that name, for alias records.
func (b *LoadBalancer) CanonicalHostedZoneId() *string { return b.balancer.AttrCanonicalHostedZoneId() }

// FullName returns what its metrics call it.
func (b *LoadBalancer) FullName() *string { return b.balancer.AttrLoadBalancerFullName() }

// TargetGroupArn returns the ARN of the target group of a port, nil if there is none.
func (b *LoadBalancer) TargetGroupArn(port int) *string {
	if t := b.targets[port]; t != nil {
		return t.Ref()
	}
	return nil
}

// TargetGroupFullName returns what metrics call the target group of a port, nil if there is none.
func (b *LoadBalancer) TargetGroupFullName(port int) *string {
	if t := b.targets[port]; t != nil {
		return t.AttrTargetGroupFullName()
	}
	return nil
}
