package clientvpn

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// Endpoint is a Client VPN endpoint.
type Endpoint struct {
	constructs.Construct
	endpoint    awsec2.CfnClientVpnEndpoint
	attachment  *string
	certificate *string
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
	e.defineCertificate(&p)
	e.defineEndpoint(p)
	stands := e.defineAssociations(p)
	list := e.defineAccess(p, stands)
	for _, a := range p.Authorizations {
		rule := &awsec2.CfnClientVpnAuthorizationRuleProps{ClientVpnEndpointId: e.endpoint.Ref(), TargetNetworkCidr: jsii.String(a.Destination.String()), AuthorizeAllGroups: jsii.Bool(true)}
		if a.Description != "" {
			rule.Description = jsii.String(a.Description)
		}
		// Whoever was revoked reaches nothing of a new endpoint before it has the list.
		awsec2.NewCfnClientVpnAuthorizationRule(e, jsii.String(naming.Authorization(a.Destination)), rule).Node().AddDependency(list...)
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

// defineCertificate has the PKI issue the endpoint's certificate. It stands for the authority too: AWS takes the server's own where one
// authority issues both, and the authority's has no private key that could be imported.
func (e *Endpoint) defineCertificate(p *EndpointProps) {
	if p.PKI == nil {
		return
	}
	c := customresource.NewClientVpnCertificate(e, naming.Certificate, &customresource.ClientVpnCertificateProps{Provider: p.Provider, Authority: p.PKI.Authority,
		Endpoint: p.PKI.Endpoint, At: p.PKI.At, ValidityDays: p.PKI.ValidityDays, DependsOn: p.PKI.DependsOn})
	p.ServerCertificateArn, p.CertificateAuthorityArn = c.CertificateArn(), c.CertificateArn()
	e.certificate = c.CertificateArn()
}

// defineAccess brings the endpoint its list of revoked certificates, which it returns, and says to the command line which endpoint it is.
// The list waits for the associations: whether an endpoint takes one that stands nowhere yet is not documented.
func (e *Endpoint) defineAccess(p EndpointProps, stands []constructs.IDependable) []constructs.IDependable {
	if p.PKI == nil {
		return nil
	}
	list := customresource.NewClientVpnList(e, naming.RevocationList, &customresource.ClientVpnListProps{Provider: p.Provider, Authority: p.PKI.Authority, ClientVpnEndpointId: e.endpoint.Ref()})
	awsssm.NewCfnParameter(e, jsii.String(naming.Parameter), &awsssm.CfnParameterProps{Name: &p.PKI.ParameterName, Type: jsii.String("String"),
		Value: e.endpoint.Ref(), Description: jsii.String("Id of the Client VPN endpoint " + p.Name)})
	list.Resource().Node().AddDependency(stands...)
	return []constructs.IDependable{list.Resource()}
}

// authentication is how people prove who they are: AWS wants all of these at once.
func (p EndpointProps) authentication() []any {
	var out []any
	if p.CertificateAuthorityArn != nil && *p.CertificateAuthorityArn != "" {
		out = append(out, &awsec2.CfnClientVpnEndpoint_ClientAuthenticationRequestProperty{Type: jsii.String("certificate-authentication"),
			MutualAuthentication: &awsec2.CfnClientVpnEndpoint_CertificateAuthenticationRequestProperty{ClientRootCertificateChainArn: p.CertificateAuthorityArn}})
	}
	if p.SAMLProviderArn != "" {
		out = append(out, &awsec2.CfnClientVpnEndpoint_ClientAuthenticationRequestProperty{Type: jsii.String("federated-authentication"),
			FederatedAuthentication: &awsec2.CfnClientVpnEndpoint_FederatedAuthenticationRequestProperty{SamlProviderArn: &p.SAMLProviderArn}})
	}
	return out
}

func (e *Endpoint) defineEndpoint(p EndpointProps) {
	log := awslogs.NewCfnLogGroup(e, jsii.String("Log"), &awslogs.CfnLogGroupProps{RetentionInDays: jsii.Number(p.LogDays)})
	log.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil) // who was connected when
	props := &awsec2.CfnClientVpnEndpointProps{ClientCidrBlock: jsii.String(p.Pool.String()), ServerCertificateArn: p.ServerCertificateArn,
		AuthenticationOptions: cdkx.List(p.authentication()...), TransportProtocol: jsii.String(string(p.Transport)), VpnPort: jsii.Number(p.Port), SplitTunnel: jsii.Bool(!p.FullTunnel),
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

// CertificateArn returns the ARN in ACM of the certificate that the PKI issued, which stays; nil without one.
func (e *Endpoint) CertificateArn() *string { return e.certificate }

// TransitGatewayAttachmentId returns the id of the attachment to the transit gateway; nil in a VPC.
func (e *Endpoint) TransitGatewayAttachmentId() *string { return e.attachment }
