package vpn_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/vpn"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

func TestKeys(t *testing.T) {
	configuration := func(one, two string) string {
		tunnel := func(outside, key string) string {
			return fmt.Sprintf("<ipsec_tunnel><vpn_gateway><tunnel_outside_address><ip_address>%s</ip_address></tunnel_outside_address></vpn_gateway><ike><pre_shared_key>%s</pre_shared_key></ike></ipsec_tunnel>", outside, key)
		}
		return `<?xml version="1.0" encoding="UTF-8"?><vpn_connection id="vpn-1">` + tunnel("198.51.100.11", two) + tunnel("198.51.100.10", one) + "</vpn_connection>"
	}
	for _, tt := range []struct {
		name   string
		change func(*vpntest.Cloud, *vpntest.Connection)
	}{
		{"Secrets Manager", func(*vpntest.Cloud, *vpntest.Connection) {}},
		{"Secrets Manager, an object for each tunnel", func(c *vpntest.Cloud, v *vpntest.Connection) {
			c.SetSecret(v, fmt.Sprintf(`{"198.51.100.11": {"PreSharedKey": %q}, "198.51.100.10": {"psk": %q, "rotated": "2026"}}`, vpntest.Key2, vpntest.Key1))
		}},
		{"Secrets Manager, EC2 answers REDACTED", func(_ *vpntest.Cloud, v *vpntest.Connection) {
			v.Tunnels[0].Key, v.Tunnels[1].Key = "REDACTED", "REDACTED"
		}},
		{"Standard, in the options", func(c *vpntest.Cloud, v *vpntest.Connection) {
			v.Tunnels[0].Key, v.Tunnels[1].Key = vpntest.Key1, vpntest.Key2
			c.SetSecret(v, "{}") // an ARN does not say that the keys are there
		}},
		{"Standard, in the configuration", func(_ *vpntest.Cloud, v *vpntest.Connection) {
			v.SecretARN, v.Configuration = "", configuration(vpntest.Key1, vpntest.Key2)
		}},
		{"one of each", func(_ *vpntest.Cloud, v *vpntest.Connection) { v.Tunnels[1].Key = vpntest.Key2 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud, client, plan := deploy(t)
			cloud.Change("idc/fw1", func(v *vpntest.Connection) { tt.change(cloud, v) })
			c := mustRead(t, client, plan)
			keys, err := client.Keys(t.Context(), c)
			if err != nil || keys[0].Reveal() != vpntest.Key1 || keys[1].Reveal() != vpntest.Key2 {
				t.Fatalf("got keys of %d and %d bytes, %v", len(keys[0].Reveal()), len(keys[1].Reveal()), err)
			}
			if shown := fmt.Sprintf("%v %+v %#v %v", keys, keys, c, c); strings.Contains(shown, vpntest.Key1) || strings.Contains(shown, vpntest.Key2) {
				t.Errorf("a key stands in %s", shown)
			}
		})
	}
}

// Whatever is wrong with a secret, its content stays in it.
func TestKeys_Fails(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*vpntest.Cloud, *vpntest.Connection)
		want   []string
	}{
		{"no JSON", func(c *vpntest.Cloud, v *vpntest.Connection) { c.SetSecret(v, vpntest.Key1) }, []string{"not a JSON object"}},
		{"another form", func(c *vpntest.Cloud, v *vpntest.Connection) {
			c.SetSecret(v, fmt.Sprintf(`{"tunnel1": %q, "tunnel2": %q}`, vpntest.Key1, vpntest.Key2))
		}, []string{"no pre-shared key of tunnel 1 (198.51.100.10) in SecretsManager", "no pre-shared key of tunnel 2 (198.51.100.11) in SecretsManager"}},
		{"two keys for one tunnel", func(c *vpntest.Cloud, v *vpntest.Connection) {
			c.SetSecret(v, fmt.Sprintf(`{"198.51.100.10": {"psk": %q, "PSK": %q}, "198.51.100.11": %q}`, vpntest.Key1, vpntest.Key2, vpntest.Key2))
		}, []string{"no pre-shared key of tunnel 1"}},
		{"not a key that AWS allows", func(c *vpntest.Cloud, v *vpntest.Connection) {
			c.SetSecret(v, fmt.Sprintf(`{"198.51.100.10": "0%s", "198.51.100.11": %q}`, vpntest.Key1, vpntest.Key2))
		}, []string{"no pre-shared key of tunnel 1"}},
		{"no right to it", func(c *vpntest.Cloud, _ *vpntest.Connection) {
			c.Break(cfntest.Fault{Operation: "GetSecretValue", Code: "AccessDeniedException", Message: "not you"})
		}, []string{`pre-shared keys: secrets manager GetSecretValue failed, got "AccessDeniedException: not you"; allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:s2svpn!`}},
		{"half configured", func(_ *vpntest.Cloud, v *vpntest.Connection) { v.Tunnels[0].Outside = "" }, []string{"tunnel 1 is half configured"}},
		{"Standard, no XML", func(_ *vpntest.Cloud, v *vpntest.Connection) {
			v.SecretARN, v.Configuration = "", "<pre_shared_key>"+vpntest.Key1+"<"
		}, []string{"is no XML"}},
		{"Standard, no keys", func(_ *vpntest.Cloud, v *vpntest.Connection) { v.SecretARN = "" }, []string{"no pre-shared key of tunnel 1 (198.51.100.10) in Standard"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cloud, client, plan := deploy(t)
			cloud.Change("idc/fw1", func(v *vpntest.Connection) { tt.change(cloud, v) })
			keys, err := client.Keys(t.Context(), mustRead(t, client, plan))
			if err == nil || !keys[0].Empty() || !keys[1].Empty() {
				t.Fatalf("got keys, %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			for _, key := range []string{vpntest.Key1, vpntest.Key2} {
				if strings.Contains(err.Error(), key) {
					t.Errorf("a key stands in %v", err)
				}
			}
		})
	}
}

func TestKeys_TheLookupRoleReadsNoSecrets(t *testing.T) {
	cloud, _, plan := deploy(t)
	cloud.Break(cfntest.Fault{Operation: "GetSecretValue", Code: "AccessDeniedException", Message: "no"})
	client := vpn.New(cloud.Config("ap-northeast-2"), "arn:aws:iam::210987654321:role/cdk-lookup")
	c := mustRead(t, client, plan)
	c.Place.AccountID = "210987654321"
	_, err := client.Keys(t.Context(), c)
	if want := "(role arn:aws:iam::210987654321:role/cdk-lookup only reads, and no secrets: use credentials of account 210987654321, by --profile)"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q in it", err, want)
	}
}

func TestSample(t *testing.T) {
	_, client, plan := deploy(t)
	c := mustRead(t, client, plan)
	types, err := client.DeviceTypes(t.Context())
	if err != nil || len(types) != 2 || types[0].Vendor != "Fortinet" || types[1].ID != "9005b6c1" {
		t.Fatalf("got %+v, %v", types, err)
	}
	sample, err := client.SampleConfiguration(t.Context(), c, types[1].ID)
	if err != nil || !strings.Contains(sample.Reveal(), "9005b6c1 for "+c.ID) || strings.Contains(fmt.Sprint(sample), vpntest.Key1) {
		t.Errorf("got %v, %v", sample, err)
	}
}
