package clientvpn

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Endpoint is a Client VPN endpoint.
type Endpoint struct {
	constructs.Construct
	endpoint   awsec2.CfnClientVpnEndpoint
	attachment *string
}

// NewEndpoint defines an endpoint in scope. It panics if props are invalid; call Validate first.
func NewEndpoint(scope constructs.Construct, id string, props *EndpointProps) *Endpoint {
	if props == nil {
		props = &EndpointProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	p := props.withDefaults()
	e := &Endpoint{}
	constructs.NewConstruct_Override(e, scope, &id)
	e.defineEndpoint(p)
	stands := e.defineAssociations(p)
	for _, a := range p.Authorizations {
		rule := &awsec2.CfnClientVpnAuthorizationRuleProps{ClientVpnEndpointId: e.endpoint.Ref(), TargetNetworkCidr: jsii.String(a.Destination.String()), AuthorizeAllGroups: jsii.Bool(true)}
		if a.Description != "" {
			rule.Description = jsii.String(a.Description)
		}
		awsec2.NewCfnClientVpnAuthorizationRule(e, jsii.String(naming.Authorization(a.Destination)), rule)
	}
	for _, r := range p.Routes {
		e.defineRoute(p, r, stands)
	}
	if p.TransitGatewayId != nil {
		e.attachment = customresource.NewClientVpnFacts(e, naming.VPNFacts, &customresource.ClientVpnFactsProps{Provider: p.Provider,
			ClientVpnEndpointId: e.endpoint.Ref(), TransitGatewayId: p.TransitGatewayId, DependsOn: stands}).TransitGatewayAttachmentId()
	}
	return e
}

func (e *Endpoint) defineEndpoint(p EndpointProps) {
	log := awslogs.NewCfnLogGroup(e, jsii.String("Log"), &awslogs.CfnLogGroupProps{RetentionInDays: jsii.Number(p.LogDays)})
	log.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil) // who was connected when
	auth := &awsec2.CfnClientVpnEndpoint_ClientAuthenticationRequestProperty{}
	if p.SAMLProviderArn != "" {
		auth.Type = jsii.String("federated-authentication")
		auth.FederatedAuthentication = &awsec2.CfnClientVpnEndpoint_FederatedAuthenticationRequestProperty{SamlProviderArn: &p.SAMLProviderArn}
	} else {
		auth.Type = jsii.String("certificate-authentication")
		auth.MutualAuthentication = &awsec2.CfnClientVpnEndpoint_CertificateAuthenticationRequestProperty{ClientRootCertificateChainArn: p.CertificateAuthorityArn}
	}
	props := &awsec2.CfnClientVpnEndpointProps{ClientCidrBlock: jsii.String(p.Pool.String()), ServerCertificateArn: p.ServerCertificateArn,
		AuthenticationOptions: cdkx.List(auth), TransportProtocol: jsii.String(string(p.Transport)), VpnPort: jsii.Number(p.Port), SplitTunnel: jsii.Bool(!p.FullTunnel),
		SessionTimeoutHours: jsii.Number(p.SessionHours), DisconnectOnSessionTimeout: jsii.Bool(true), SelfServicePortal: jsii.String("disabled"),
		Description: jsii.String(p.Name), VpcId: p.VpcId,
		ConnectionLogOptions: &awsec2.CfnClientVpnEndpoint_ConnectionLogOptionsProperty{Enabled: jsii.Bool(true), CloudwatchLogGroup: log.Ref()},
		TagSpecifications:    cdkx.List(&awsec2.CfnClientVpnEndpoint_TagSpecificationProperty{ResourceType: jsii.String("client-vpn-endpoint"), Tags: cdkx.Name(p.Name)})}
	if p.VpcId != nil {
		props.SecurityGroupIds = &p.SecurityGroupIds
	}
	var servers []*string
	for _, a := range p.DNSServers {
		servers = append(servers, jsii.String(a.String()))
	}
	if len(servers) > 0 {
		props.DnsServers = &servers
	}
	if p.TransitGatewayId != nil {
		var zones []*string
		for _, a := range p.Associations {
			zones = append(zones, jsii.String(a.ZoneID))
		}
		props.TransitGatewayConfiguration = &awsec2.CfnClientVpnEndpoint_TransitGatewayConfigurationProperty{TransitGatewayId: p.TransitGatewayId, AvailabilityZoneIds: &zones}
	}
	e.endpoint = awsec2.NewCfnClientVpnEndpoint(e, jsii.String(naming.Resource), props)
}

func (e *Endpoint) defineAssociations(p EndpointProps) []constructs.IDependable {
	var out []constructs.IDependable
	for _, a := range p.Associations {
		props := &awsec2.CfnClientVpnTargetNetworkAssociationProps{ClientVpnEndpointId: e.endpoint.Ref(), SubnetId: a.SubnetId}
		if a.SubnetId == nil {
			props.AvailabilityZoneId = jsii.String(a.ZoneID)
		}
		out = append(out, awsec2.NewCfnClientVpnTargetNetworkAssociation(e, jsii.String(naming.ClientVPNAssociation(a.ZoneID)), props))
	}
	return out
}

// defineRoute waits for the associations: AWS refuses a route through a subnet without one.
func (e *Endpoint) defineRoute(p EndpointProps, r Route, stands []constructs.IDependable) {
	props := &awsec2.CfnClientVpnRouteProps{ClientVpnEndpointId: e.endpoint.Ref(), DestinationCidrBlock: jsii.String(r.Destination.String())}
	id := routeID(r.Subnet, r.Destination)
	for _, a := range p.Associations {
		if a.Subnet == r.Subnet && a.SubnetId != nil {
			props.TargetVpcSubnetId = a.SubnetId
		}
	}
	awsec2.NewCfnClientVpnRoute(e, &id, props).Node().AddDependency(stands...)
}

func routeID(subnet string, to netip.Prefix) string {
	if subnet == "" {
		return naming.Route(to)
	}
	return subnet + "-" + naming.Route(to)
}

// ClientVpnEndpointId returns the id of the endpoint.
func (e *Endpoint) ClientVpnEndpointId() *string { return e.endpoint.Ref() }

// TransitGatewayAttachmentId returns the id of the attachment to the transit gateway; nil in a VPC.
func (e *Endpoint) TransitGatewayAttachmentId() *string { return e.attachment }
