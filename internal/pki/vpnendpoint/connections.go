package vpnendpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/pki/awsstore"
)

// ConnectionAPI is what End calls.
type ConnectionAPI interface {
	DescribeClientVpnConnections(context.Context, *ec2.DescribeClientVpnConnectionsInput, ...func(*ec2.Options)) (*ec2.DescribeClientVpnConnectionsOutput, error)
	TerminateClientVpnConnections(context.Context, *ec2.TerminateClientVpnConnectionsInput, ...func(*ec2.Options)) (*ec2.TerminateClientVpnConnectionsOutput, error)
}

// End ends a user's connections to an endpoint, and returns how many it ended. A user is told by the common name of the certificate: AWS knows
// user names of Active Directory only. A new list resets all connections by itself, so mostly there is none left.
func End(ctx context.Context, api ConnectionAPI, endpoint, user string) (int, error) {
	ended := 0
	var errs []error
	pages := ec2.NewDescribeClientVpnConnectionsPaginator(api, &ec2.DescribeClientVpnConnectionsInput{ClientVpnEndpointId: &endpoint})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return ended, errors.Join(append(errs, awsstore.Explain(err, "ec2:DescribeClientVpnConnections", endpoint))...)
		}
		for _, c := range page.Connections {
			if aws.ToString(c.CommonName) != user || c.Status == nil || c.Status.Code != types.ClientVpnConnectionStatusCodeActive {
				continue
			}
			_, err := api.TerminateClientVpnConnections(ctx, &ec2.TerminateClientVpnConnectionsInput{ClientVpnEndpointId: &endpoint, ConnectionId: c.ConnectionId})
			if err != nil {
				errs = append(errs, fmt.Errorf("connection %s of %s: %w", aws.ToString(c.ConnectionId), user, awsstore.Explain(err, "ec2:TerminateClientVpnConnections", endpoint)))
				continue
			}
			ended++
		}
	}
	return ended, errors.Join(errs...)
}
