package vpn

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/mototest"
	"github.com/pathproof/pathproof/internal/naming"
)

// oneResource is CloudFormation with one resource: moto makes no VPN connection from a template.
type oneResource struct{ logical, physical string }

func (o oneResource) ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	return &cloudformation.ListStackResourcesOutput{StackResourceSummaries: []cfntypes.StackResourceSummary{{LogicalResourceId: &o.logical, PhysicalResourceId: &o.physical, ResourceStatus: cfntypes.ResourceStatusCreateComplete}}}, nil
}

// motoEC2 asks for ids instead of filtering by them, which moto does not know.
type motoEC2 struct{ *ec2.Client }

func (m motoEC2) DescribeVpnConnections(ctx context.Context, in *ec2.DescribeVpnConnectionsInput, opts ...func(*ec2.Options)) (*ec2.DescribeVpnConnectionsOutput, error) {
	return m.Client.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{VpnConnectionIds: in.Filters[0].Values}, opts...)
}

// TestMoto asks moto, which was written by others from AWS's documentation. It makes VPN connections without tunnel options or
// telemetry and has none of the calls about one tunnel, so it shows what a half-configured connection looks like, its XML is
// read, and so is a secret.
func TestMoto(t *testing.T) {
	cfg := mototest.Start(t, "ap-northeast-2")
	r := check.File("../../pathproof.yaml")
	if !r.OK() {
		t.Fatal(r.Problems)
	}
	site, ctx := r.Plan.Site("idc"), t.Context()
	client := New(cfg, "")
	client.ec2 = motoEC2{ec2.NewFromConfig(cfg)}
	id := motoConnection(t, ec2.NewFromConfig(cfg))
	client.stacks = oneResource{naming.LogicalID(naming.Site("idc"), naming.Connection("fw1"), naming.Resource), id}

	found, err := client.Site(ctx, r.Plan, site)
	if err != nil || len(found) != 1 || found[0].ID != id || found[0].State != "available" || found[0].TransitGatewayID == "" {
		t.Fatalf("got %+v, %v", found, err)
	}
	c := found[0]
	if err := c.Complete(); err == nil || strings.Count(err.Error(), "is half configured") != 2 {
		t.Errorf("got %v", err)
	}
	keys, err := client.standardKeys(ctx, c)
	if err != nil || keys["52.2.144.13"].Empty() { // the one address that moto's XML has
		t.Errorf("got %d keys, %v", len(keys), err)
	}
	const address, key = "198.51.100.10", "K1secretK1secretK1secret"
	made, err := secretsmanager.NewFromConfig(cfg).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("s2svpn!" + id), SecretString: aws.String(`{"` + address + `": "` + key + `"}`)})
	if err != nil {
		t.Fatal(err)
	}
	c.Secret = *made.ARN
	if keys, err := client.managedKeys(ctx, c); err != nil || keys[address].Reveal() != key {
		t.Errorf("got %d keys, %v", len(keys), err)
	}
	c.Secret = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:none"
	if _, err := client.managedKeys(ctx, c); err == nil || !strings.Contains(err.Error(), "ResourceNotFoundException") {
		t.Errorf("got %v", err)
	}
	if _, err := client.Maintenance(ctx, c, fw11); err == nil || !strings.Contains(err.Error(), "ec2 GetVpnTunnelReplacementStatus failed") {
		t.Errorf("got %v; moto can do more now, so test more", err)
	}
}

// motoConnection makes a VPN connection on a transit gateway.
func motoConnection(t *testing.T, client *ec2.Client) string {
	t.Helper()
	transit, err := client.CreateTransitGateway(t.Context(), &ec2.CreateTransitGatewayInput{Description: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := client.CreateCustomerGateway(t.Context(), &ec2.CreateCustomerGatewayInput{Type: "ipsec.1", IpAddress: aws.String("203.0.113.10"), BgpAsn: aws.Int32(65010)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.CreateVpnConnection(t.Context(), &ec2.CreateVpnConnectionInput{Type: aws.String("ipsec.1"), CustomerGatewayId: gateway.CustomerGateway.CustomerGatewayId, TransitGatewayId: transit.TransitGateway.TransitGatewayId})
	if err != nil {
		t.Fatal(err)
	}
	return *out.VpnConnection.VpnConnectionId
}
