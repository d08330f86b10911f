package vpn

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// Site reads the connections of a site as deployed, in the order of the plan, with everything but the state of maintenance
// and the negotiated ciphers. The connections that could be read come beside an error that names those that could not. It
// needs cloudformation:ListStackResources and ec2:DescribeVpnConnections.
func (c *Client) Site(ctx context.Context, plan *topology.Plan, site *topology.Site) ([]*Connection, error) {
	ids, err := c.connectionIDs(ctx, plan.StackName(topology.LayerNetwork, site.Place), site)
	if len(ids) == 0 {
		return nil, err
	}
	found, describeErr := c.describe(ctx, ids)
	if describeErr != nil {
		return nil, errors.Join(err, fmt.Errorf("site/%s: %w", site.Name, describeErr))
	}
	var out []*Connection
	errs := []error{err}
	for _, planned := range site.Connections {
		id := ids[planned.Name]
		if id == "" {
			continue // reported
		}
		i := slices.IndexFunc(found, func(v types.VpnConnection) bool { return aws.ToString(v.VpnConnectionId) == id })
		if i < 0 {
			errs = append(errs, fmt.Errorf("%s: connection %s is gone; somebody deleted it, so deploy it again under another name", label(site.Name, planned.Name), id))
			continue
		}
		out = append(out, connection(site, planned, &found[i]))
	}
	return out, errors.Join(errs...)
}

// connectionIDs finds the ids of a site's connections in the stack that made them, by name. The error names those that the
// stack does not have.
func (c *Client) connectionIDs(ctx context.Context, stack string, site *topology.Site) (map[string]string, error) {
	made := map[string]string{} // logical id -> physical id
	pages := cloudformation.NewListStackResourcesPaginator(c.stacks, &cloudformation.ListStackResourcesInput{StackName: &stack})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, stackError(site, stack, err)
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus != cfntypes.ResourceStatusDeleteComplete {
				made[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
			}
		}
	}
	ids := map[string]string{}
	var errs []error
	for _, planned := range site.Connections {
		id := made[naming.LogicalID(naming.Site(site.Name), naming.Connection(planned.Name), naming.Resource)]
		if id == "" {
			errs = append(errs, fmt.Errorf("%s: not in stack %s; deploy it first", label(site.Name, planned.Name), stack))
			continue
		}
		ids[planned.Name] = id
	}
	return ids, errors.Join(errs...)
}

// stackError says what a failed look at a stack means.
func stackError(site *topology.Site, stack string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist") {
		return fmt.Errorf("site/%s: no stack %s in %s; deploy the network first, or use the credentials of its account", site.Name, stack, site.Place)
	}
	return fmt.Errorf("site/%s: stack %s: %w", site.Name, stack, deployed.Explain(err, "cloudformation:ListStackResources"))
}

// describe asks EC2 about connections. A filter, because one id that is gone would fail the whole call.
func (c *Client) describe(ctx context.Context, ids map[string]string) ([]types.VpnConnection, error) {
	var wanted []string
	for _, id := range ids {
		wanted = append(wanted, id)
	}
	slices.Sort(wanted)
	out, err := c.ec2.DescribeVpnConnections(ctx, &ec2.DescribeVpnConnectionsInput{
		Filters: []types.Filter{{Name: aws.String("vpn-connection-id"), Values: wanted}}})
	if err != nil {
		return nil, deployed.Explain(err, "ec2:DescribeVpnConnections")
	}
	return out.VpnConnections, nil
}

// connection keeps what may be shown of EC2's answer.
func connection(site *topology.Site, planned topology.Connection, v *types.VpnConnection) *Connection {
	c := &Connection{Site: site.Name, Name: planned.Name, Place: site.Place, ID: aws.ToString(v.VpnConnectionId), State: string(v.State),
		CustomerGatewayID: aws.ToString(v.CustomerGatewayId), TransitGatewayID: aws.ToString(v.TransitGatewayId), Secret: aws.ToString(v.PreSharedKeyArn)}
	c.customer(aws.ToString(v.CustomerGatewayConfiguration))
	options := map[netip.Prefix]types.TunnelOption{}
	if v.Options != nil {
		c.Acceleration, c.Static = aws.ToBool(v.Options.EnableAcceleration), aws.ToBool(v.Options.StaticRoutesOnly)
		for _, o := range v.Options.TunnelOptions {
			if inside, err := netip.ParsePrefix(aws.ToString(o.TunnelInsideCidr)); err == nil {
				options[inside.Masked()] = o
			}
		}
	}
	for i := range c.Tunnels {
		t := &c.Tunnels[i]
		t.Number, t.Inside = i+1, planned.Inside[i]
		if o, ok := options[t.Inside]; ok {
			t.configured(&o, c.Secret)
			delete(options, t.Inside)
		}
		t.measured(v.VgwTelemetry)
	}
	for inside := range options {
		c.foreign = append(c.foreign, inside)
	}
	slices.SortFunc(c.foreign, netip.Prefix.Compare)
	return c
}

// redacted is what EC2 answers in place of a key that Secrets Manager keeps (hashicorp/terraform-provider-aws, pull request
// 42819); the field may also be missing.
const redacted = "REDACTED"

// configured takes what the tunnel's options say.
func (t *Tunnel) configured(o *types.TunnelOption, secret string) {
	t.Outside, _ = netip.ParseAddr(aws.ToString(o.OutsideIpAddress)) // a bad one stays invalid, which is reported
	t.LifecycleControl = aws.ToBool(o.EnableTunnelLifecycleControl)
	t.options = deployedOptions(o)
	t.KeyStorage = StorageStandard
	if key := aws.ToString(o.PreSharedKey); secret != "" && (key == "" || key == redacted) {
		t.KeyStorage = StorageSecretsManager
	}
}

// measured takes what EC2 sees of the tunnel.
func (t *Tunnel) measured(telemetry []types.VgwTelemetry) {
	for _, v := range telemetry {
		if at, err := netip.ParseAddr(aws.ToString(v.OutsideIpAddress)); err != nil || at != t.Outside {
			continue
		}
		t.Status, t.LastChange = string(v.Status), aws.ToTime(v.LastStatusChange).UTC()
		t.AcceptedRoutes, t.Message = int(aws.ToInt32(v.AcceptedRouteCount)), aws.ToString(v.StatusMessage)
	}
}
