package transitvpn

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Site is a place outside AWS, connected to a transit gateway by Site-to-Site VPN.
type Site struct {
	constructs.Construct
	name        string
	gateway     *TransitGateway
	customers   map[string]*string // gateway name -> customer gateway id
	connections map[string]*connection
	names       []string // of connections, in the order of the props
	activity    *string  // log group name
	bgp         *string
}

type connection struct {
	id         *string
	facts      *customresource.VpnFacts
	attachment *Attachment
}

// NewSite defines customer gateways and VPN connections and routes them in the transit gateway. It panics if props are
// invalid; call Validate first.
func NewSite(scope constructs.Construct, id string, props *SiteProps) *Site {
	p := props.withDefaults(id)
	cdkx.MustBeValid(scope, id, p.Validate())
	s := &Site{name: p.Name, gateway: p.TransitGateway, customers: map[string]*string{}, connections: map[string]*connection{}}
	constructs.NewConstruct_Override(s, scope, &id)
	for _, g := range p.Gateways {
		s.customers[g.Name] = s.defineGateway(g)
	}
	logs := s.defineLogs(p)
	if p.Logs.Metrics != "" {
		s.defineLogMetrics(p.Logs.Metrics)
	}
	for _, c := range p.Connections {
		s.defineConnection(p, c, logs)
	}
	return s
}

func (s *Site) defineGateway(g GatewayProps) *string {
	if g.CustomerGatewayID != "" {
		return jsii.String(g.CustomerGatewayID)
	}
	props := &awsec2.CfnCustomerGatewayProps{Type: jsii.String("ipsec.1"), IpAddress: jsii.String(g.IP.String()),
		DeviceName: jsii.String(naming.DeviceName(stackName(awscdk.Stack_Of(s)), s.name, g.Name)), Tags: cdkx.Name(s.name + "-" + g.Name)}
	if g.ASN <= 2147483647 {
		props.BgpAsn = jsii.Number(g.ASN)
	} else {
		props.BgpAsnExtended = jsii.Number(g.ASN)
	}
	return awsec2.NewCfnCustomerGateway(s, jsii.String(naming.Gateway(g.Name)), props).Ref()
}

// defineLogs defines the site's log groups and returns the log options of its tunnels, nil for none.
func (s *Site) defineLogs(p SiteProps) interface{} {
	options := &awsec2.CfnVPNConnection_CloudwatchLogOptionsSpecificationProperty{}
	group := func(id string) (name, arn *string) {
		g := awslogs.NewCfnLogGroup(s, &id, &awslogs.CfnLogGroupProps{
			RetentionInDays: jsii.Number(p.Logs.RetentionDays), Tags: cdkx.Name(s.name + "-" + id)})
		return g.Ref(), g.AttrArn()
	}
	if p.Logs.Activity {
		options.LogEnabled, options.LogOutputFormat = true, jsii.String("json")
		s.activity, options.LogGroupArn = group(naming.ActivityLog)
	}
	if p.Logs.BGP && !p.StaticRoutes {
		options.BgpLogEnabled, options.BgpLogOutputFormat = true, jsii.String("json")
		s.bgp, options.BgpLogGroupArn = group(naming.BGPLog)
	}
	if s.activity == nil && s.bgp == nil {
		return nil
	}
	return &awsec2.CfnVPNConnection_VpnTunnelLogOptionsSpecificationProperty{CloudwatchLogOptions: options}
}

func (s *Site) defineConnection(p SiteProps, c ConnectionProps, logs interface{}) {
	ns := constructs.NewConstruct(s, jsii.String(naming.Connection(c.Name)))
	vpn := awsec2.NewCfnVPNConnection(ns, jsii.String(naming.Resource), &awsec2.CfnVPNConnectionProps{
		Type:                jsii.String("ipsec.1"),
		CustomerGatewayId:   s.customers[c.Gateway],
		TransitGatewayId:    s.gateway.id,
		StaticRoutesOnly:    p.StaticRoutes,
		EnableAcceleration:  p.Acceleration,
		TunnelBandwidth:     jsii.String(p.TunnelBandwidth),
		PreSharedKeyStorage: jsii.String("SecretsManager"),
		VpnTunnelOptionsSpecifications: &[]interface{}{
			p.Tunnel.options(c.Inside[0], logs), p.Tunnel.options(c.Inside[1], logs)},
		Tags: cdkx.Name(s.name + "-" + c.Name),
	})
	conn := &connection{id: vpn.Ref()}
	conn.facts = customresource.NewVpnFacts(ns, naming.VPNFacts, &customresource.VpnFactsProps{Provider: p.Provider,
		VpnConnectionId: conn.id, TransitGatewayId: s.gateway.id, Inside: [2]string{c.Inside[0].String(), c.Inside[1].String()}})
	attach := &VpnAttachmentProps{Site: s.name, Connection: c.Name, Segment: p.Segment, PropagateTo: p.PropagateTo,
		TransitGatewayAttachmentId: conn.facts.TransitGatewayAttachmentId()}
	if p.StaticRoutes {
		attach.PropagateTo = nil // AWS propagates what BGP announces; static routes stand in the segments themselves
	}
	conn.attachment = s.gateway.AttachVpn(attach)
	if p.StaticRoutes {
		for _, segment := range p.PropagateTo {
			for _, prefix := range p.Prefixes {
				s.gateway.AddStaticRoute(segment, prefix, attach.TransitGatewayAttachmentId)
			}
		}
	}
	s.connections[c.Name], s.names = conn, append(s.names, c.Name)
}

// TransitGatewayId returns the id of the transit gateway that the site connects to.
func (s *Site) TransitGatewayId() *string { return s.gateway.id }

// CustomerGatewayId returns the id of a device's customer gateway. It panics if there is no such device.
func (s *Site) CustomerGatewayId(gateway string) *string {
	id := s.customers[gateway]
	if id == nil {
		s.fail("no such gateway, got %q; add it to Gateways", gateway)
	}
	return id
}

// ConnectionId returns the id of a VPN connection. Like all methods that take the name of one, it panics if there is none.
func (s *Site) ConnectionId(connection string) *string { return s.connection(connection).id }

// TunnelOutsideIps returns AWS's public addresses of a VPN connection's tunnels 1 and 2, in the order of Inside.
func (s *Site) TunnelOutsideIps(connection string) [2]*string {
	f := s.connection(connection).facts
	return [2]*string{f.Tunnel1OutsideIp(), f.Tunnel2OutsideIp()}
}

// PreSharedKeyArn returns the ARN of the secret that holds both pre-shared keys of a VPN connection.
func (s *Site) PreSharedKeyArn(connection string) *string {
	return s.connection(connection).facts.PreSharedKeyArn()
}

// Attachment returns the transit gateway attachment of a VPN connection.
func (s *Site) Attachment(connection string) *Attachment { return s.connection(connection).attachment }

// ActivityLogGroupName returns the name of the log group for IKE and IPsec, nil without one.
func (s *Site) ActivityLogGroupName() *string { return s.activity }

// BgpLogGroupName returns the name of the log group for BGP, nil without one.
func (s *Site) BgpLogGroupName() *string { return s.bgp }

// GrantReadPreSharedKeys lets grantee read the pre-shared keys of all connections, for example to configure the devices.
func (s *Site) GrantReadPreSharedKeys(grantee awsiam.IGrantable) awsiam.Grant {
	var secrets []*string
	for _, name := range s.names {
		secrets = append(secrets, s.PreSharedKeyArn(name))
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{Grantee: grantee, ResourceArns: &secrets,
		Actions: jsii.Strings("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue")})
}

func (s *Site) connection(name string) *connection {
	c := s.connections[name]
	if c == nil {
		s.fail("no such VPN connection, got %q; the connections are %q", name, s.names)
	}
	return c
}

// fail panics with a mistake of the caller, located at this construct.
func (s *Site) fail(format string, args ...any) {
	panic(fmt.Errorf("%s: %w", *s.Node().Path(), fmt.Errorf(format, args...)))
}
