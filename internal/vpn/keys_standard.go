package vpn

import (
	"context"
	"encoding/xml"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/pathproof/pathproof/internal/secret"
)

// standardKeys reads keys that the VPN service itself stores, by outside address. EC2 answers them in the tunnel options, and in
// the customer gateway configuration.
func (c *Client) standardKeys(ctx context.Context, of *Connection) (map[string]secret.Text, error) {
	found, err := c.describe(ctx, map[string]string{of.Name: of.ID})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, errors.New("the connection is gone; deploy again")
	}
	keys, err := parseGatewayConfiguration(aws.ToString(found[0].CustomerGatewayConfiguration))
	if err != nil {
		return nil, err
	}
	if found[0].Options == nil {
		return keys, nil
	}
	for _, o := range found[0].Options.TunnelOptions {
		if key := aws.ToString(o.PreSharedKey); presharedKey.MatchString(key) && key != redacted {
			keys[aws.ToString(o.OutsideIpAddress)] = secret.New(key)
		}
	}
	return keys, nil
}

// parseGatewayConfiguration reads the keys from EC2's XML, which may be missing.
func parseGatewayConfiguration(text string) (map[string]secret.Text, error) {
	keys := map[string]secret.Text{}
	if strings.TrimSpace(text) == "" {
		return keys, nil
	}
	var doc struct {
		Tunnels []struct {
			Outside string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
			Key     string `xml:"ike>pre_shared_key"`
		} `xml:"ipsec_tunnel"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, errors.New("the customer gateway configuration of EC2 is no XML; try again") // the error of xml may quote it
	}
	for _, t := range doc.Tunnels {
		if key := strings.TrimSpace(t.Key); presharedKey.MatchString(key) && key != redacted {
			keys[strings.TrimSpace(t.Outside)] = secret.New(key)
		}
	}
	return keys, nil
}
