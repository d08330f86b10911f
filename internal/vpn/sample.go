package vpn

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/secret"
)

// DeviceType is a kind of customer gateway that AWS has a sample configuration for.
type DeviceType struct{ ID, Vendor, Platform, Software string }

// DeviceTypes lists the kinds of devices that AWS has samples for, by vendor, platform and software. It needs
// ec2:GetVpnConnectionDeviceTypes.
func (c *Client) DeviceTypes(ctx context.Context) ([]DeviceType, error) {
	var out []DeviceType
	pages := ec2.NewGetVpnConnectionDeviceTypesPaginator(c.ec2, &ec2.GetVpnConnectionDeviceTypesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, deployed.Explain(err, "ec2:GetVpnConnectionDeviceTypes")
		}
		for _, t := range page.VpnConnectionDeviceTypes {
			out = append(out, DeviceType{aws.ToString(t.VpnConnectionDeviceTypeId), aws.ToString(t.Vendor), aws.ToString(t.Platform), aws.ToString(t.Software)})
		}
	}
	slices.SortFunc(out, func(x, y DeviceType) int {
		return cmp.Or(cmp.Compare(x.Vendor, y.Vendor), cmp.Compare(x.Platform, y.Platform), cmp.Compare(x.Software, y.Software), cmp.Compare(x.ID, y.ID))
	})
	return out, nil
}

// SampleConfiguration is AWS's own sample for a kind of device and a connection, with IKEv2. It is hidden as a whole, because
// samples may hold pre-shared keys. It needs ec2:GetVpnConnectionDeviceSampleConfiguration.
func (c *Client) SampleConfiguration(ctx context.Context, of *Connection, device string) (secret.Text, error) {
	out, err := c.ec2.GetVpnConnectionDeviceSampleConfiguration(ctx, &ec2.GetVpnConnectionDeviceSampleConfigurationInput{
		VpnConnectionId: &of.ID, VpnConnectionDeviceTypeId: &device, InternetKeyExchangeVersion: aws.String("ikev2")})
	if err != nil {
		return secret.Text{}, fmt.Errorf("%s: sample for device type %s: %w", of.Label(), device, deployed.Explain(err, "ec2:GetVpnConnectionDeviceSampleConfiguration"))
	}
	return secret.New(aws.ToString(out.VpnConnectionDeviceSampleConfiguration)), nil
}
