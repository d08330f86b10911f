package clientvpn

import (
	"net/netip"
	"testing"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/propstest"
)

const people = "arn:aws:iam::111122223333:saml-provider/people"

func good() EndpointProps {
	return EndpointProps{Name: "people", Pool: netip.MustParsePrefix("10.251.0.0/22"), VpcId: new("vpc-1"), SecurityGroupIds: []*string{new("sg-1")},
		Associations:         []Association{{"apne2-az1", new("subnet-1"), "private-apne2-az1"}},
		ServerCertificateArn: new("arn:aws:acm:::certificate/1"), SAMLProviderArn: people,
		Authorizations: []Authorization{{Destination: netip.MustParsePrefix("172.16.0.0/16")}},
		Routes:         []Route{{netip.MustParsePrefix("172.16.0.0/16"), "private-apne2-az1"}}}
}

func atGateway(p *EndpointProps) {
	p.VpcId, p.SecurityGroupIds, p.TransitGatewayId, p.Provider = nil, nil, new("tgw-1"), &customresource.Provider{}
	p.Associations, p.Routes = []Association{{ZoneID: "apne2-az1"}}, []Route{{Destination: netip.MustParsePrefix("172.16.0.0/16")}}
}

func TestAlarmsProps_Validate(t *testing.T) {
	propstest.Only(t, AlarmsProps{Name: "people", CertificateArn: new("arn")}.Validate(), "")
	propstest.Only(t, AlarmsProps{CertificateArn: new("arn")}.Validate(), "name: missing")
	propstest.Only(t, AlarmsProps{Name: "people"}.Validate(), "certificateArn: missing")
	propstest.Only(t, AlarmsProps{Name: "people", CertificateArn: new("arn"), ValidityDays: 826}.Validate(), "validityDays: out of range, got 826")
}

// A certificate is late once the schedule had a day to renew it, however short its life.
func TestAlarmsProps_LateDays(t *testing.T) {
	for days, want := range map[int]float64{0: 29, 90: 29, 825: 29, 30: 9, 7: 1} {
		if got := (AlarmsProps{ValidityDays: days}).lateDays(); got != want {
			t.Errorf("%d days: late when less than %v are left, want %v", days, got, want)
		}
	}
}

func byPKI(p *EndpointProps) {
	p.ServerCertificateArn, p.Provider = nil, &customresource.Provider{}
	p.PKI = &PKIProps{Endpoint: "people", At: "seoul/app", ParameterName: "/pathproof/shop/client-vpn/people",
		Authority: customresource.Authority{Network: "shop", Name: "main", KeyAlias: "alias/pathproof-shop-main/client-vpn", Home: "ap-northeast-2", BucketName: new("bucket")}}
}

func TestEndpointProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*EndpointProps)
		want string
	}{
		{"good", func(*EndpointProps) {}, ""},
		{"at a transit gateway", atGateway, ""},
		{"with certificates", func(p *EndpointProps) { p.SAMLProviderArn, p.CertificateAuthorityArn = "", new("${Token[A.1]}") }, ""},
		{"name", func(p *EndpointProps) { p.Name = "" }, "name: missing"},
		{"small pool", func(p *EndpointProps) { p.Pool = netip.MustParsePrefix("10.251.0.0/23") }, "pool: not an IPv4 block of /12 to /22, got 10.251.0.0/23"},
		{"host bits", func(p *EndpointProps) { p.Pool = netip.MustParsePrefix("10.251.0.1/22") }, "pool: not an IPv4 block"},
		{"both places", func(p *EndpointProps) { p.TransitGatewayId = new("tgw-1") }, "vpcId: it stands in one VPC or at one transit gateway"},
		{"no group", func(p *EndpointProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
		{"groups at a transit gateway", func(p *EndpointProps) { atGateway(p); p.SecurityGroupIds = []*string{new("sg-1")} }, "securityGroupIds: at a transit gateway there are none"},
		{"no provider", func(p *EndpointProps) { atGateway(p); p.Provider = nil }, "provider: missing"},
		{"nowhere", func(p *EndpointProps) { p.Associations, p.Routes = nil, nil }, "associations: missing"},
		{"zone by name", func(p *EndpointProps) { p.Associations[0].ZoneID = "ap-northeast-2a" }, "associations[0].zoneId: want an AZ ID"},
		{"zone twice", func(p *EndpointProps) { p.Associations = append(p.Associations, p.Associations[0]) }, "associations[1].zoneId: stands twice"},
		{"no subnet", func(p *EndpointProps) { p.Associations[0].SubnetId = nil }, "associations[0].subnetId: a subnet in a VPC"},
		{"no certificate", func(p *EndpointProps) { p.ServerCertificateArn = nil }, "serverCertificateArn: missing"},
		{"nobody", func(p *EndpointProps) { p.SAMLProviderArn = "" }, "samlProviderArn: nobody could prove who they are"},
		{"two ways to prove", func(p *EndpointProps) { p.CertificateAuthorityArn = new("arn") }, ""},
		{"by a PKI", byPKI, ""},
		{"by a PKI only", func(p *EndpointProps) { byPKI(p); p.SAMLProviderArn = "" }, ""},
		{"two authorities", func(p *EndpointProps) { byPKI(p); p.ServerCertificateArn = new("arn") }, "pki: certificates come from one authority"},
		{"a PKI without a function", func(p *EndpointProps) { byPKI(p); p.Provider = nil }, "provider: missing"},
		{"a PKI without a parameter", func(p *EndpointProps) { byPKI(p); p.PKI.ParameterName = "" }, "pki.parameterName: missing"},
		{"a user", func(p *EndpointProps) { p.SAMLProviderArn = "arn:aws:iam::111122223333:user/people" }, "samlProviderArn: not the ARN of a SAML provider"},
		{"transport", func(p *EndpointProps) { p.Transport = "icmp" }, `transport: unknown value, got "icmp"`},
		{"port", func(p *EndpointProps) { p.Port = 1195 }, "port: not one that Client VPN offers, got 1195"},
		{"session", func(p *EndpointProps) { p.SessionHours = 9 }, "sessionHours: not one that Client VPN offers, got 9"},
		{"resolvers", func(p *EndpointProps) { p.DNSServers = make([]netip.Addr, 3) }, "dnsServers: more than Client VPN takes, got 3"},
		{"retention", func(p *EndpointProps) { p.LogDays = 4 }, "logDays: not a retention"},
		{"rule", func(p *EndpointProps) { p.Authorizations[0].Destination = netip.Prefix{} }, "authorizations[0].destination: not an IPv4 block"},
		{"rule twice", func(p *EndpointProps) { p.Authorizations = append(p.Authorizations, p.Authorizations[0]) }, "authorizations[1].destination: stands twice"},
		{"route twice", func(p *EndpointProps) { p.Routes = append(p.Routes, p.Routes[0]) }, "routes[1]: stands twice"},
		{"route elsewhere", func(p *EndpointProps) { p.Routes[0].Subnet = "public-apne2-az1" }, `routes[0].subnet: no association there, got "public-apne2-az1"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}
