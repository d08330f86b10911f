package openvpn

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/naming"
)

// AddressProps configures an Address.
type AddressProps struct {
	// Name is the Name tag. Required.
	Name string
	// ParameterName is the SSM parameter, defined here, that says at which address the server is.
	// Default: none.
	ParameterName string
	// Interface is the network interface of a server that routes clients' own addresses.
	// Default: none; the server translates them to its own.
	Interface *InterfaceProps
}

// InterfaceProps is a network interface that outlives its server, so that routes can point at it.
type InterfaceProps struct {
	// SubnetId is the server's subnet. A change replaces the interface. Required.
	SubnetId *string
	// SecurityGroupIds are 1 to 5. Required.
	SecurityGroupIds []*string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p AddressProps) Validate() error {
	var f cdkx.Fields
	if p.Name == "" {
		f.Addf("name", "missing; name the server")
	}
	if i := p.Interface; i != nil {
		machine.RequireText(&f, "interface.subnetId", i.SubnetId, "give the subnet of the server")
		if n := len(i.SecurityGroupIds); n < 1 || n > 5 {
			f.Addf("interface.securityGroupIds", "want 1 to 5, got %d; give those of the server", n)
		}
	}
	return f.Err()
}

// Address is what stays when a server is replaced: its Elastic IP, the secret with its key and certificate (written by the
// ServerCertificate of package pki) and, for a routed server, its network interface. Address and secret also stay when they leave
// the template: they stand in profiles and in partners' firewalls.
type Address struct {
	constructs.Construct
	address awsec2.CfnEIP
	secret  awssecretsmanager.CfnSecret
	nic     awsec2.CfnNetworkInterface
}

// NewAddress defines an address in scope. It panics if props are invalid; call Validate first.
func NewAddress(scope constructs.Construct, id string, props *AddressProps) *Address {
	p := orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	a := &Address{}
	constructs.NewConstruct_Override(a, scope, &id)
	name := "openvpn-" + p.Name
	a.address = awsec2.NewCfnEIP(a, jsii.String(naming.Address), &awsec2.CfnEIPProps{Domain: jsii.String("vpc"), Tags: cdkx.Name(name)})
	a.address.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	a.secret = awssecretsmanager.NewCfnSecret(a, jsii.String(naming.Secret), &awssecretsmanager.CfnSecretProps{
		Description: jsii.String("Key and certificate of the OpenVPN server " + p.Name), Tags: cdkx.Name(name)})
	a.secret.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
	cdkx.Suppress(a.secret, cdkx.Rule{ID: "AwsSolutions-SMG4", Reason: "A schedule renews the certificate in it before its end, by the function behind the custom resource."})
	if p.ParameterName != "" {
		awsssm.NewCfnParameter(a, jsii.String(naming.Parameter), &awsssm.CfnParameterProps{Name: &p.ParameterName, Type: jsii.String("String"),
			Value: a.address.AttrPublicIp(), Description: jsii.String("The address of the OpenVPN server " + p.Name)})
	}
	if i := p.Interface; i != nil {
		a.nic = awsec2.NewCfnNetworkInterface(a, jsii.String(naming.Interface), &awsec2.CfnNetworkInterfaceProps{SubnetId: i.SubnetId,
			GroupSet: cdkx.List(i.SecurityGroupIds...), SourceDestCheck: jsii.Bool(false), Description: jsii.String(name), Tags: cdkx.Name(name)})
	}
	return a
}

// AllocationId returns the allocation id of the Elastic IP.
func (a *Address) AllocationId() *string { return a.address.AttrAllocationId() }

// PublicIp returns the Elastic IP.
func (a *Address) PublicIp() *string { return a.address.AttrPublicIp() }

// SecretArn returns the ARN of the secret with the server's key and certificate.
func (a *Address) SecretArn() *string { return a.secret.Ref() }

// NetworkInterfaceId returns the id of the network interface, which routes to the pool point at; nil if there is none.
func (a *Address) NetworkInterfaceId() *string {
	if a.nic == nil {
		return nil
	}
	return a.nic.Ref()
}

// orEmpty lets Validate, not a nil dereference, report missing props.
func orEmpty[T any](props *T) *T {
	if props == nil {
		return new(T)
	}
	return props
}
