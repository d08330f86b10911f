package customresource

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// ClientVpnCertificateProps configures a ClientVpnCertificate.
type ClientVpnCertificateProps struct {
	// Provider does the work. It has to be of this stack. Required.
	Provider *Provider
	// Authority is where the PKI is kept; its KeyAlias is that of the key for AWS Client VPN, and it has no Replicas. Required.
	Authority Authority
	// Endpoint is the endpoint's name within the network, and At the key of the network (seoul/app) or the name of the transit gateway
	// that it stands in. Both are in the certificate. Required.
	Endpoint, At string
	// ValidityDays is how long a certificate is good, 7 to 825.
	// Default: 90.
	ValidityDays int
	// DependsOn has to be there before: the key, if it is of this stack.
	// Default: nothing.
	DependsOn []constructs.IDependable
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ClientVpnCertificateProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	p.Authority.validate(&f)
	if p.Endpoint == "" || p.At == "" {
		f.Addf("endpoint", "a name is missing, got endpoint %q at %q; give both", p.Endpoint, p.At)
	}
	checkValidity(&f, p.ValidityDays)
	return f.Err()
}

func checkValidity(f *cdkx.Fields, days int) {
	if days != 0 && (days < 7 || days > 825) {
		f.Addf("validityDays", "out of range, got %d; use 7 to 825", days)
	}
}

// ClientVpnCertificate is the certificate of a Client VPN endpoint in ACM, with a key of RSA that only ACM holds. It is looked at every day and
// made anew, under the same ARN, when a third of its time is left. When it is deleted, so is the key.
type ClientVpnCertificate struct {
	constructs.Construct
	resource awscdk.CfnResource
	arn      *string
}

// NewClientVpnCertificate defines an endpoint's certificate in scope. It panics if props are invalid; call Validate first.
func NewClientVpnCertificate(scope constructs.Construct, id string, props *ClientVpnCertificateProps) *ClientVpnCertificate {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	c := &ClientVpnCertificate{}
	constructs.NewConstruct_Override(c, scope, &id)
	policy := props.Provider.allow("ClientVpnCertificatePolicy-"+props.Endpoint, append(props.Authority.open(), props.certificates()...)...)
	properties := props.Authority.properties(map[string]any{"Endpoint": props.Endpoint, "At": props.At})
	if props.ValidityDays != 0 {
		properties["ValidityDays"] = strconv.Itoa(props.ValidityDays)
	}
	c.resource = define(c, props.Provider, "Custom::PathproofClientVpnCertificate", "", policy, properties)
	c.resource.Node().AddDependency(props.DependsOn...)
	c.arn = attribute(c.resource, "CertificateArn")
	renewDaily(c, props.Provider, c.resource, properties)
	return c
}

// certificates let a function import certificates with this endpoint's tags, and replace and delete those that have them. ACM lists
// certificates as a whole, and a certificate that is not there yet has no ARN. Reading one, which gives no key, is not bound by tags: of
// one that is gone the function has to hear that it is, not that it may not ask. The bound is one against mistakes: AddTagsToCertificate, which
// importing with tags needs, cannot be kept from certificates of others.
func (p ClientVpnCertificateProps) certificates() []statement {
	all := []any{map[string]string{"Fn::Sub": "arn:${AWS::Partition}:acm:${AWS::Region}:${AWS::AccountId}:certificate/*"}}
	tagged := func(key string) map[string]any {
		return map[string]any{"StringEquals": map[string]any{key + naming.TagNetwork: p.Authority.Network,
			key + naming.TagClientVPN: naming.ClientVPNCertificate(p.Authority.Network, p.Endpoint, p.At)}}
	}
	return []statement{
		{Action: []string{"acm:ListCertificates"}, Resource: []any{"*"}},
		{Action: []string{"acm:GetCertificate", "acm:ListTagsForCertificate"}, Resource: all},
		{Action: []string{"acm:AddTagsToCertificate", "acm:ImportCertificate"}, Resource: all, Condition: tagged("aws:RequestTag/")},
		{Action: []string{"acm:DeleteCertificate", "acm:ImportCertificate"}, Resource: all, Condition: tagged("aws:ResourceTag/")},
	}
}

// CertificateArn returns the ARN in ACM, which stays.
func (c *ClientVpnCertificate) CertificateArn() *string { return c.arn }

// Resource returns the CloudFormation resource, to depend on.
func (c *ClientVpnCertificate) Resource() awscdk.CfnResource { return c.resource }
