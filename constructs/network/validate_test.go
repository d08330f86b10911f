package network

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/customresource"
)

var p = netip.MustParsePrefix

func subnets(s ...SubnetProps) []SubnetProps { return s }

func TestNetworkProps_Validate(t *testing.T) {
	public := SubnetProps{Tier: "public", ZoneID: "apne2-az1", CIDR: p("10.0.0.0/24"), Public: true}
	private := SubnetProps{Tier: "private", ZoneID: "apne2-az3", CIDR: p("10.0.1.0/24")}
	for name, c := range map[string]struct {
		props NetworkProps
		want  []string
	}{
		"minimal":                {NetworkProps{CIDR: p("10.0.0.0/16")}, nil},
		"fails without a block":  {NetworkProps{}, []string{"cidr: missing; write it like 10.0.0.0/16"}},
		"fails with IPv6":        {NetworkProps{CIDR: p("fd00::/64")}, []string{`cidr: not an IPv4 prefix, got "fd00::/64"; write it like 10.0.0.0/16`}},
		"fails with host bits":   {NetworkProps{CIDR: p("10.0.0.1/16")}, []string{"cidr: host bits are set, got 10.0.0.1/16; write 10.0.0.0/16"}},
		"fails with a tiny VPC":  {NetworkProps{CIDR: p("10.0.0.0/29")}, []string{"cidr: size out of range, got 10.0.0.0/29; use /16 to /28"}},
		"fails on equal blocks":  {NetworkProps{CIDR: p("10.0.0.0/16"), SecondaryCIDRs: []netip.Prefix{p("10.0.4.0/24")}}, []string{"secondaryCidrs[0]: overlaps another block of the VPC, got 10.0.4.0/24 and 10.0.0.0/16; choose a free block"}},
		"subnet in second block": {NetworkProps{CIDR: p("10.0.0.0/24"), SecondaryCIDRs: []netip.Prefix{p("10.0.1.0/24")}, Subnets: subnets(private)}, nil},
		"fails outside the VPC":  {NetworkProps{CIDR: p("10.0.0.0/24"), Subnets: subnets(private)}, []string{"subnets[0].cidr: outside the VPC, got 10.0.1.0/24; choose a block inside [10.0.0.0/24]"}},
		"fails on a zone name": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(SubnetProps{Tier: "a", ZoneID: "ap-northeast-2a", CIDR: p("10.0.0.0/24")})},
			[]string{`subnets[0].zoneId: not an AZ ID, got "ap-northeast-2a"; write it like apne2-az1`}},
		"fails on a tier with a slash": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(SubnetProps{Tier: "a/b", ZoneID: "apne2-az1", CIDR: p("10.0.0.0/24")})},
			[]string{`subnets[0].tier: not a name, got "a/b"; use letters, digits and hyphens`}},
		"fails on a subnet given twice": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(private, private)}, []string{
			"subnets[1]: a second subnet of one tier in one zone, got private in apne2-az3; use another tier",
			"subnets[1].cidr: overlaps subnet private in apne2-az3, got 10.0.1.0/24 and 10.0.1.0/24; choose a free block"}},
		"fails on a half public tier": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(public, SubnetProps{Tier: "public", ZoneID: "apne2-az3", CIDR: p("10.0.2.0/24")})},
			[]string{"subnets[1].public: differs within tier public, got false; make a tier wholly public or wholly private"}},
		"fails on a public attach tier": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(SubnetProps{Tier: "attach", ZoneID: "apne2-az1", CIDR: p("10.0.2.0/28"), Public: true})},
			[]string{"subnets[0].public: the tier attach cannot be public, got true; use another tier"}},
		"fails on egress without public subnets": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(private), Egress: EgressNATSingle},
			[]string{"egress: needs a public subnet, got nat-single without one; add one or use none"}},
		"fails on a zone without NAT": {NetworkProps{CIDR: p("10.0.0.0/16"), Subnets: subnets(public, private), Egress: EgressNATPerZone},
			[]string{"subnets[1]: no public subnet in its zone, got egress nat-per-zone in apne2-az3; add one or use nat-single"}},
		"fails on unknown values": {NetworkProps{CIDR: p("10.0.0.0/16"), Egress: "nat", GatewayEndpoints: []string{"ec2", "ec2"}, FlowLogs: &FlowLogsProps{Traffic: "all", ExpireDays: -1}}, []string{
			`egress: unknown value, got "nat"; use none, igw, nat-single or nat-per-zone`,
			`gatewayEndpoints[0]: no gateway endpoint, got "ec2"; use s3 or dynamodb`,
			`gatewayEndpoints[1]: no gateway endpoint, got "ec2"; use s3 or dynamodb`,
			`gatewayEndpoints[1]: stands twice, got "ec2"; leave one out`,
			`flowLogs.traffic: unknown value, got "all"; use ALL, ACCEPT or REJECT`,
			"flowLogs.expireDays: out of range, got -1; use 1 or more"}},
	} {
		t.Run(name, func(t *testing.T) { problems(t, c.props.Validate(), c.want) })
	}
}

func TestSecurityGroupProps_Validate(t *testing.T) {
	rule := RuleProps{Peer: p("10.0.0.0/8"), Protocol: "tcp", FromPort: 80, ToPort: 80}
	with := func(rules ...RuleProps) NetworkProps {
		return NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{Ingress: rules}}}
	}
	other := rule
	other.Description = "same rule, other words"
	listed := RuleProps{PrefixList: "com.amazonaws.ap-northeast-2.x", Protocol: "tcp", FromPort: 80, ToPort: 80}
	grouped := RuleProps{Group: "b", Protocol: "tcp", FromPort: 80, ToPort: 80}
	fronted, both := grouped, grouped
	fronted.Group, both.Peer = "front/a", rule.Peer
	for name, c := range map[string]struct {
		props NetworkProps
		want  []string
	}{
		"ports, ICMP and everything":       {with(rule, RuleProps{Peer: p("10.0.0.0/8"), Protocol: "icmp", FromPort: 3, ToPort: 4}, RuleProps{Peer: p("::/0"), Protocol: "-1"}), nil},
		"fails without peer":               {with(RuleProps{Protocol: "-1"}), []string{"securityGroups[0].ingress[0].peer: missing; write it like 10.0.0.0/16"}},
		"fails on a wrong range":           {with(RuleProps{Peer: p("10.0.0.0/8"), Protocol: "udp", FromPort: 90, ToPort: 80}), []string{"securityGroups[0].ingress[0]: not a port range, got 90-80; use 0 to 65535, the smaller first"}},
		"fails on ports of nothing":        {with(RuleProps{Peer: p("10.0.0.0/8"), Protocol: "-1", FromPort: 80, ToPort: 80}), []string{"securityGroups[0].ingress[0]: ports without a protocol, got 80-80; leave them 0 for all protocols"}},
		"fails on an ICMP type":            {with(RuleProps{Peer: p("10.0.0.0/8"), Protocol: "icmp", FromPort: 300}), []string{"securityGroups[0].ingress[0]: not an ICMP type and code, got 300 and 0; use 0 to 255, or -1 for all"}},
		"fails on a protocol":              {with(RuleProps{Peer: p("10.0.0.0/8"), Protocol: "TCP"}), []string{`securityGroups[0].ingress[0].protocol: unknown value, got "TCP"; use tcp, udp, icmp, icmpv6 or -1`}},
		"fails on a rule twice":            {with(rule, other), []string{"securityGroups[0].ingress[1]: stands twice, got tcp 80-80 10.0.0.0/8; EC2 refuses equal rules, leave one out"}},
		"fails on a description":           {with(RuleProps{Peer: p("10.0.0.0/8"), Protocol: "-1", Description: "café"}), []string{`securityGroups[0].ingress[0].description: characters or length that EC2 refuses, got "café"; use at most 255 of letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*`}},
		"a list":                           {NetworkProps{CIDR: p("10.0.0.0/16"), Provider: &customresource.Provider{}, SecurityGroups: []SecurityGroupProps{{Ingress: []RuleProps{listed}}}}, nil},
		"groups":                           {NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{Name: "front/a", Egress: []RuleProps{grouped}}, {Name: "b", Ingress: []RuleProps{fronted}}}}, nil},
		"fails on a list without provider": {with(listed), []string{`securityGroups[0].ingress[0].prefixList: nothing finds its id, got "com.amazonaws.ap-northeast-2.x"; give a provider`}},
		"fails on a list outwards": {NetworkProps{CIDR: p("10.0.0.0/16"), Provider: &customresource.Provider{}, SecurityGroups: []SecurityGroupProps{{Egress: []RuleProps{listed}}}},
			[]string{`securityGroups[0].egress[0].prefixList: a rule for what goes out names none, got "com.amazonaws.ap-northeast-2.x"; name blocks`}},
		"fails on an unknown group": {with(grouped), []string{`securityGroups[0].ingress[0].group: no such security group, got "b"; name one of this network`}},
		"fails on two other ends":   {NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{Name: "b"}, {Name: "c", Ingress: []RuleProps{both}}}}, []string{`securityGroups[1].ingress[0]: more than one other end, got 10.0.0.0/8, "" and "b"; give one of peer, prefixList and group`}},
		"fails on a circle of one":  {NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{Name: "b", Ingress: []RuleProps{grouped}}}}, []string{`securityGroups[0].ingress[0].group: its own security group, got "b"; name another`}},
		"fails on a group's name":   {NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{Name: "a/"}}}, []string{`securityGroups[0].name: not a name, got "a/"; use letters, digits and hyphens`}},
		"fails on two unnamed groups": {NetworkProps{CIDR: p("10.0.0.0/16"), SecurityGroups: []SecurityGroupProps{{}, {}}},
			[]string{`securityGroups[1].name: stands twice, got ""; give each security group its own`}},
	} {
		t.Run(name, func(t *testing.T) { problems(t, c.props.Validate(), c.want) })
	}
}

func TestNetworkAttributes_Validate(t *testing.T) {
	problems(t, NetworkAttributes{}.Validate(), []string{"vpcId: missing; write it like vpc-0123456789abcdef0", "cidrs: missing; give the VPC's blocks, the primary one first"})
	problems(t, NetworkAttributes{VpcID: "subnet-1", CIDRs: []netip.Prefix{p("10.0.0.0/16")}, Subnets: []SubnetAttributes{
		{SubnetProps: SubnetProps{Tier: "a", ZoneID: "apne2-az1", CIDR: p("10.0.0.0/24")}, RouteTableID: "tgw-rtb-1"}}}.Validate(), []string{
		`vpcId: not an id of this kind, got "subnet-1"; write it like vpc-0123456789abcdef0`,
		"subnets[0].subnetId: missing; write it like subnet-0123456789abcdef0",
		`subnets[0].routeTableId: not an id of this kind, got "tgw-rtb-1"; write it like rtb-0123456789abcdef0`})
}

// problems compares all problems with the ones wanted, one per line.
func problems(t *testing.T, err error, want []string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != strings.Join(want, "\n") {
		t.Errorf("problems:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}
