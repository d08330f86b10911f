package customresource

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/jsii-runtime-go"
)

// problems compares all problems of props with the ones wanted, one per line.
func problems(t *testing.T, name string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestProviderProps_Validate(t *testing.T) {
	code := t.TempDir()
	problems(t, "empty", ProviderProps{}.Validate(), "code: missing; give the folder with the compiled function")
	problems(t, "all", ProviderProps{Code: "nowhere", Timeout: time.Hour}.Validate(),
		"code: no file bootstrap in it, got \"nowhere\"; build the function into that folder\n"+
			"timeout: out of range, got 1h0m0s; use 1m to 15m in whole seconds")
	if err := os.Mkdir(filepath.Join(code, "bootstrap"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := (ProviderProps{Code: code}).Validate(); err == nil {
		t.Error("a folder named bootstrap passes for a program")
	}
	code = t.TempDir()
	if err := os.WriteFile(filepath.Join(code, "bootstrap"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, timeout := range []time.Duration{0, time.Minute, 15 * time.Minute} {
		problems(t, "good", ProviderProps{Code: code, Timeout: timeout}.Validate(), "")
	}
	for _, timeout := range []time.Duration{-1, time.Second, 61500 * time.Millisecond, 15*time.Minute + time.Second} {
		if err := (ProviderProps{Code: code, Timeout: timeout}).Validate(); err == nil {
			t.Errorf("timeout %s passes", timeout)
		}
	}
}

func TestResourceProps_Validate(t *testing.T) {
	p, id := &Provider{}, jsii.String("${Token[TOKEN.1]}")
	const noProvider = "provider: missing; give the provider of this stack\n"
	problems(t, "facts", VpnFactsProps{}.Validate(), noProvider+
		"vpnConnectionId: missing; give the id, usually a Ref\ntransitGatewayId: missing; give the id, usually a Ref")
	problems(t, "facts", VpnFactsProps{Provider: p, VpnConnectionId: id, TransitGatewayId: id, Inside: [2]string{"169.254.1.1/30", ""}}.Validate(),
		"inside[0]: not an IPv4 /30, got \"169.254.1.1/30\"; write it like 169.254.110.0/30\n"+
			"inside[1]: not an IPv4 /30, got \"\"; write it like 169.254.110.0/30")
	problems(t, "facts", VpnFactsProps{Provider: p, VpnConnectionId: id, TransitGatewayId: id, Inside: [2]string{"169.254.9.0/30", "169.254.9.0/30"}}.Validate(),
		"inside[1]: the same as inside[0], got \"169.254.9.0/30\"; each tunnel has its own")
	problems(t, "facts", VpnFactsProps{Provider: p, VpnConnectionId: id, TransitGatewayId: id, Inside: [2]string{"169.254.9.0/30", "169.254.10.0/30"}}.Validate(), "")
	problems(t, "facts", VpnFactsProps{Provider: p, VpnConnectionId: id, TransitGatewayId: id}.Validate(), "")

	problems(t, "association", TgwAssociationProps{}.Validate(), noProvider+
		"transitGatewayAttachmentId: missing; give the id, usually a Ref\ntransitGatewayRouteTableId: missing; give the id, usually a Ref")
	problems(t, "association", TgwAssociationProps{Provider: p, TransitGatewayAttachmentId: id, TransitGatewayRouteTableId: id}.Validate(), "")

	problems(t, "acceptance", TgwPeeringAcceptanceProps{AccepterRegion: "Tokyo"}.Validate(), noProvider+
		"transitGatewayAttachmentId: missing; give the id, usually a Ref\naccepterRegion: not a Region, got \"Tokyo\"; give a Region like ap-northeast-1")
	for _, r := range []string{"ap-northeast-1", "us-gov-west-1", "mx-central-1", "eusc-de-east-1"} {
		problems(t, r, TgwPeeringAcceptanceProps{Provider: p, TransitGatewayAttachmentId: id, AccepterRegion: r}.Validate(), "")
	}

	problems(t, "dns", VpcPeeringDnsProps{Side: "left"}.Validate(), noProvider+
		"vpcPeeringConnectionId: missing; give the id, usually a Ref\nside: unknown value, got \"left\"; use \"accepter\" or \"requester\"")
	problems(t, "dns", VpcPeeringDnsProps{Provider: p, VpcPeeringConnectionId: id, Side: "accepter"}.Validate(), "")
	problems(t, "image", ImageProps{}.Validate(), noProvider+"name: missing; give the name of an image of Amazon's")
	problems(t, "prefix list", PrefixListProps{}.Validate(), noProvider+"name: missing; give the name of a prefix list of AWS's")
	problems(t, "Client VPN", ClientVpnFactsProps{}.Validate(), noProvider+
		"clientVpnEndpointId: missing; give the id, usually a Ref\ntransitGatewayId: missing; give the id, usually a Ref")
	problems(t, "PKI", PkiProps{}.Validate(), noProvider+"authority: a name is missing, got network \"\" and name \"\"; give both\n"+
		"authority.keyAlias: not an alias of a key in a Region, got \"\" in \"\"; write it like alias/pathproof-shop-main\nauthority.bucketName: missing; give the id, usually a Ref\ntlsCryptSecretArn: missing; give the id, usually a Ref")
	kept := Authority{Network: "shop", Name: "main", KeyAlias: "alias/shop-main", Home: "ap-northeast-2", BucketName: id}
	problems(t, "PKI", PkiProps{Provider: p, Authority: kept, TLSCryptSecretArn: id}.Validate(), "")
	problems(t, "certificate", ServerCertificateProps{Provider: p, Authority: kept}.Validate(), "server: missing; name the server\nsecretArn: missing; give the id, usually a Ref")
	problems(t, "Client VPN certificate", ClientVpnCertificateProps{Provider: p, Authority: kept, Endpoint: "people", ValidityDays: 6}.Validate(),
		"endpoint: a name is missing, got endpoint \"people\" at \"\"; give both\nvalidityDays: out of range, got 6; use 7 to 825")
	problems(t, "Client VPN certificate", ClientVpnCertificateProps{Provider: p, Authority: kept, Endpoint: "people", At: "seoul/app"}.Validate(), "")
	problems(t, "Client VPN list", ClientVpnListProps{Provider: p, Authority: kept}.Validate(), "clientVpnEndpointId: missing; give the id, usually a Ref")
	problems(t, "Client VPN list", ClientVpnListProps{Authority: kept, ClientVpnEndpointId: id}.Validate(), noProvider[:len(noProvider)-1])
	kept.Replicas = []Replica{{Region: "us-west-2"}}
	problems(t, "replica", PkiProps{Provider: p, Authority: kept, TLSCryptSecretArn: id}.Validate(), "authority.replicas[us-west-2]: missing; give the id, usually a Ref")
}
