package vpn

import (
	"context"
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
	keys, err := configuredKeys(aws.ToString(found[0].CustomerGatewayConfiguration))
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

// configuredKeys reads the keys from EC2's XML, which may be missing.
func configuredKeys(text string) (map[string]secret.Text, error) {
	doc, err := parseGatewayConfiguration(text)
	if err != nil {
		return nil, err
	}
	keys := map[string]secret.Text{}
	for _, t := range doc.Tunnels {
		if key := strings.TrimSpace(t.Key); presharedKey.MatchString(key) && key != redacted {
			keys[strings.TrimSpace(t.Outside)] = secret.New(key)
		}
	}
	return keys, nil
}
