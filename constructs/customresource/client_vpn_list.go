package customresource

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// ClientVpnListProps configures a ClientVpnList.
type ClientVpnListProps struct {
	// Provider does the work. It has to be of this stack. Required.
	Provider *Provider
	// Authority is where the PKI is kept; its KeyAlias is that of the key for AWS Client VPN, and it has no Replicas. Required.
	Authority Authority
	// ClientVpnEndpointId is the endpoint. Required.
	ClientVpnEndpointId *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ClientVpnListProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	p.Authority.validate(&f)
	requireID(&f, "clientVpnEndpointId", p.ClientVpnEndpointId)
	return f.Err()
}

// ClientVpnList is the list of revoked certificates of a Client VPN endpoint. An endpoint fetches nothing, so its list is brought to it: when it
// is made, and every day if somebody was revoked or the list is near its end. Deleting it does nothing: the list goes with the endpoint.
type ClientVpnList struct {
	constructs.Construct
	resource awscdk.CfnResource
}

// NewClientVpnList defines an endpoint's list in scope. It panics if props are invalid; call Validate first.
func NewClientVpnList(scope constructs.Construct, id string, props *ClientVpnListProps) *ClientVpnList {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	l := &ClientVpnList{}
	constructs.NewConstruct_Override(l, scope, &id)
	policy := props.Provider.allow("ClientVpnListPolicy-"+props.Authority.Name, append(props.Authority.open(),
		change("", []string{"ec2:ImportClientVpnClientCertificateRevocationList"}, "client-vpn-endpoint"))...)
	properties := props.Authority.properties(map[string]any{"ClientVpnEndpointId": props.ClientVpnEndpointId})
	l.resource = define(l, props.Provider, "Custom::PathproofClientVpnList", "", policy, properties)
	renewDaily(l, props.Provider, l.resource, properties)
	return l
}

// Resource returns the CloudFormation resource, to depend on.
func (l *ClientVpnList) Resource() awscdk.CfnResource { return l.resource }
