package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// routesAPI is all of EC2 that the check of prefixes uses; its own role allows exactly this call.
type routesAPI interface {
	SearchTransitGatewayRoutes(context.Context, *ec2.SearchTransitGatewayRoutesInput, ...func(*ec2.Options)) (*ec2.SearchTransitGatewayRoutesOutput, error)
}

// checker compares what a site announces with its contract.
type checker struct {
	connect func(context.Context) (routesAPI, error)
	metrics io.Writer
	log     *slog.Logger
	now     func() time.Time
}

// handle serves one event of the schedule. After an error there is no metric, which alarms take for a contract that is not
// proven; Lambda tries twice more by itself.
func (c *checker) handle(ctx context.Context, event json.RawMessage) error {
	check, err := vpnwatch.ParseCheck(event)
	if err != nil {
		c.log.Error("event refused", "error", err.Error())
		return nil // another try would read the same event
	}
	log := c.log.With("network", check.Network, "site", check.Site)
	learned, err := c.learned(ctx, check)
	if err != nil {
		log.Error("prefixes not checked", "error", err.Error())
		return fmt.Errorf("site %s: %w", check.Site, err)
	}
	unexpected, missing := check.Compare(learned)
	if len(unexpected)+len(missing) > 0 {
		log.Warn("the site does not keep its contract", "unexpected", unexpected, "missing", missing, "learned", learned)
	} else {
		log.Info("the site keeps its contract", "learned", learned)
	}
	return check.WriteMetrics(c.metrics, c.now(), unexpected, missing)
}

// learned lists the prefixes that the site's VPN connections brought into the route table. With ECMP a prefix stands there once,
// with all attachments.
func (c *checker) learned(ctx context.Context, check *vpnwatch.Check) ([]netip.Prefix, error) {
	api, err := c.connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("set up the AWS SDK: %w", err)
	}
	in := &ec2.SearchTransitGatewayRoutesInput{TransitGatewayRouteTableId: &check.RouteTable, Filters: []types.Filter{
		{Name: aws.String("type"), Values: []string{string(types.TransitGatewayRouteTypePropagated)}},
		{Name: aws.String("attachment.resource-id"), Values: check.VPNConnections},
	}}
	var learned []netip.Prefix
	for {
		out, err := api.SearchTransitGatewayRoutes(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("routes of %s: %s", check.RouteTable, brief(err))
		}
		for _, r := range out.Routes {
			p, err := netip.ParsePrefix(aws.ToString(r.DestinationCidrBlock))
			if err != nil {
				return nil, fmt.Errorf("routes of %s: not a prefix, got %q; look at it in the console", check.RouteTable, aws.ToString(r.DestinationCidrBlock))
			}
			learned = append(learned, p.Masked())
		}
		switch {
		case aws.ToString(out.NextToken) != "":
			in.NextToken = out.NextToken
		case aws.ToBool(out.AdditionalRoutesAvailable): // half of them would show the rest as missing
			return nil, fmt.Errorf("routes of %s: EC2 has more than it lists; the site announces too many prefixes", check.RouteTable)
		default:
			return learned, nil
		}
	}
}
