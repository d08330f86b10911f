package vpn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/secret"
)

// Keys fetches the pre-shared keys of a complete connection, that of tunnel 1 first. Keys that Secrets Manager stores need
// secretsmanager:GetSecretValue on the connection's secret (and kms:Decrypt, if its key is not AWS's own); keys in Standard
// storage need ec2:DescribeVpnConnections. No error holds a key or a part of one.
func (c *Client) Keys(ctx context.Context, of *Connection) ([2]secret.Text, error) {
	if err := of.Complete(); err != nil {
		return [2]secret.Text{}, err
	}
	var managed, standard map[string]secret.Text
	var keys [2]secret.Text
	var errs []error
	for i := range of.Tunnels {
		t := &of.Tunnels[i]
		from, fetch := &standard, c.standardKeys
		if t.KeyStorage == StorageSecretsManager {
			from, fetch = &managed, c.managedKeys
		}
		if *from == nil {
			var err error
			if *from, err = fetch(ctx, of); err != nil {
				return [2]secret.Text{}, fmt.Errorf("%s: pre-shared keys: %w", of.Label(), err)
			}
		}
		if keys[i] = (*from)[t.Outside.String()]; keys[i].Empty() {
			errs = append(errs, fmt.Errorf("%s: no pre-shared key of tunnel %d (%s) in %s; look at the connection in the console and report its form", of.Label(), t.Number, t.Outside, t.KeyStorage))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return [2]secret.Text{}, err
	}
	return keys, nil
}

// managedKeys reads the keys from Secrets Manager, by outside address.
func (c *Client) managedKeys(ctx context.Context, of *Connection) (map[string]secret.Text, error) {
	out, err := c.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &of.Secret})
	if err != nil {
		needs := "secretsmanager:GetSecretValue on " + of.Secret
		if c.assumed != "" && deployed.Denied(err) {
			return nil, fmt.Errorf("%w (role %s only reads, and no secrets: use credentials of account %s, by --profile)", deployed.Explain(err, needs), c.assumed, of.Place.AccountID)
		}
		return nil, deployed.Explain(err, needs)
	}
	keys, err := parseSecret(aws.ToString(out.SecretString))
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", of.Secret, err)
	}
	return keys, nil
}

// presharedKey is what AWS allows (EC2 API Reference, VpnTunnelOptionsSpecification).
var presharedKey = regexp.MustCompile(`^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$`)

// parseSecret reads the secret of a connection: an object with the outside address of each tunnel as name and its key as value.
// AWS documents that the secret exists, not its form; this one was seen in use. A value may also be an object with the key as
// psk or preSharedKey. Anything else is refused, because a wrong guess would configure a gateway that never comes up.
func parseSecret(text string) (map[string]secret.Text, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return nil, errors.New("not a JSON object; report the names in it, without the values") // the error of json would quote it
	}
	keys := map[string]secret.Text{}
	for name, value := range fields {
		key, ok := keyOf(value)
		if ok && presharedKey.MatchString(key) {
			keys[strings.TrimSpace(name)] = secret.New(key)
		}
	}
	return keys, nil
}

// keyOf reads one tunnel's value.
func keyOf(value json.RawMessage) (string, bool) {
	var key string
	if json.Unmarshal(value, &key) == nil {
		return key, true
	}
	var inner map[string]string
	if json.Unmarshal(value, &inner) != nil {
		return "", false
	}
	found := 0
	for name, v := range inner {
		if n := strings.ToLower(name); n == "psk" || n == "presharedkey" {
			key, found = v, found+1
		}
	}
	return key, found == 1
}
