package zonal

import (
	"net/netip"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

const recordTTL = 60 // seconds; fixed addresses do not move, and alias records have 60 s, too

// NamesProps configures Names.
type NamesProps struct {
	// Domain is the service's domain, for example foo.internal. It is the Regional name, and names of zones end in it. A VPC resolves
	// one private zone of a domain. A change replaces all. Required.
	Domain string
	// Vpcs are those whose clients resolve the names, 1 or more, also of other Regions. One is added and removed in place. Required.
	Vpcs []VpcProps
	// Comment is shown beside the hosted zone.
	// Default: what it is.
	Comment string
	// Zones have names such as apne2-az1.foo.internal.
	// Default: none.
	Zones []ZoneName
	// Aliases are the load balancers that the Regional name leads to while they have healthy targets: one, or one for each zone. With
	// several, each answer holds those of one of them.
	// Default: none; RegionalIPs are given.
	Aliases []AliasProps
	// RegionalIPs are addresses that the Regional name leads to, whether or not anything is healthy there, in place of Aliases.
	// Default: none.
	RegionalIPs []netip.Addr
}

// VpcProps is a VPC whose clients resolve names.
type VpcProps struct {
	// VpcId is its id; it may come from another Region. Required.
	VpcId *string
	// Region is its Region. Required.
	Region string
}

// ZoneName is what the name of a zone leads to.
type ZoneName struct {
	// ZoneID is the AZ ID, and the first label of the name. Required.
	ZoneID string
	// Addresses are its fixed address, or those of its targets. Required.
	Addresses []netip.Addr
}

// AliasProps is a load balancer that the Regional name leads to.
type AliasProps struct {
	// ZoneID is its AZ ID, where each zone has a load balancer.
	// Default: none; it stands in all zones.
	ZoneID string
	// DnsName is the load balancer's. Required.
	DnsName *string
	// CanonicalHostedZoneId is the hosted zone of that name. Required.
	CanonicalHostedZoneId *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p NamesProps) Validate() error {
	var f cdkx.Fields
	if !domainForm.MatchString(p.Domain) || len(p.Domain) > maxDomain {
		f.Addf("domain", "not a DNS name, got %q; write it like foo.internal", p.Domain)
	}
	if len(p.Vpcs) == 0 {
		f.Addf("vpcs", "missing; give the VPCs of the callers")
	}
	for i, v := range p.Vpcs {
		at := "vpcs[" + strconv.Itoa(i) + "]"
		f.RequireText(at+".vpcId", v.VpcId)
		requireRegion(&f, at+".region", v.Region)
	}
	if len(p.Aliases) > 0 == (len(p.RegionalIPs) > 0) {
		f.Addf("aliases", "want one of aliases and regionalIPs, got %d and %d; say where the Regional name leads", len(p.Aliases), len(p.RegionalIPs))
	}
	checkAddresses(&f, "regionalIPs", p.RegionalIPs)
	seen := map[string]bool{}
	for i, z := range p.Zones {
		at := "zones[" + strconv.Itoa(i) + "]"
		checkZone(&f, at, z.ZoneID, seen)
		if len(z.Addresses) == 0 {
			f.Addf(at+".addresses", "missing; give what the zone's name leads to")
		}
		checkAddresses(&f, at+".addresses", z.Addresses)
	}
	p.validateAliases(&f)
	return f.Err()
}

func (p NamesProps) validateAliases(f *cdkx.Fields) {
	seen := map[string]bool{}
	for i, a := range p.Aliases {
		at := "aliases[" + strconv.Itoa(i) + "]"
		if len(p.Aliases) > 1 || a.ZoneID != "" {
			checkZone(f, at, a.ZoneID, seen)
		}
		f.RequireText(at+".dnsName", a.DnsName)
		f.RequireText(at+".canonicalHostedZoneId", a.CanonicalHostedZoneId)
	}
}

// Names is a private hosted zone with the names of a service: one for each zone, and one for the Region.
type Names struct {
	constructs.Construct
	zone awsroute53.CfnHostedZone
}

// NewNames defines names in scope. It panics if props are invalid; call Validate first.
func NewNames(scope constructs.Construct, id string, props *NamesProps) *Names {
	if props == nil {
		props = &NamesProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	p, n := *props, &Names{}
	constructs.NewConstruct_Override(n, scope, &id)
	if p.Comment == "" {
		p.Comment = "Zonal service " + p.Domain
	}
	var vpcs []any
	for _, v := range p.Vpcs {
		vpcs = append(vpcs, &awsroute53.CfnHostedZone_VPCProperty{VpcId: v.VpcId, VpcRegion: jsii.String(v.Region)})
	}
	n.zone = awsroute53.NewCfnHostedZone(n, jsii.String(naming.Resource), &awsroute53.CfnHostedZoneProps{Name: &p.Domain, Vpcs: &vpcs,
		HostedZoneConfig: &awsroute53.CfnHostedZone_HostedZoneConfigProperty{Comment: &p.Comment}})
	for _, z := range p.Zones {
		n.addresses(naming.ZonalRecord(z.ZoneID), z.ZoneID+"."+p.Domain, z.Addresses)
	}
	if len(p.RegionalIPs) > 0 {
		n.addresses(naming.RegionalRecord(""), p.Domain, p.RegionalIPs)
	}
	for _, a := range p.Aliases {
		n.alias(a, p.Domain)
	}
	return n
}

func (n *Names) addresses(id, name string, list []netip.Addr) {
	var values []string
	for _, a := range list {
		values = append(values, a.String())
	}
	awsroute53.NewCfnRecordSet(n, &id, &awsroute53.CfnRecordSetProps{HostedZoneId: n.zone.Ref(), Name: &name, Type: jsii.String("A"),
		Ttl: jsii.String(strconv.Itoa(recordTTL)), ResourceRecords: jsii.Strings(values...)})
}

// alias is a record that follows a load balancer: zones without a healthy target, or shifted away from, are not in it. Where each zone
// has a load balancer the record is one of several of one name, with equal weights.
func (n *Names) alias(a AliasProps, name string) {
	props := &awsroute53.CfnRecordSetProps{HostedZoneId: n.zone.Ref(), Name: &name, Type: jsii.String("A"), AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
		DnsName: a.DnsName, HostedZoneId: a.CanonicalHostedZoneId, EvaluateTargetHealth: jsii.Bool(true)}}
	if a.ZoneID != "" {
		props.SetIdentifier, props.Weight = jsii.String(a.ZoneID), jsii.Number(1)
	}
	awsroute53.NewCfnRecordSet(n, jsii.String(naming.RegionalRecord(a.ZoneID)), props)
}

// HostedZoneId returns the id of the hosted zone.
func (n *Names) HostedZoneId() *string { return n.zone.Ref() }

// ZoneNames returns what the names of zones lead to: the fixed address of each. None in modes without.
func (s *Service) ZoneNames() []ZoneName {
	if !s.props.Mode.fixed() {
		return nil
	}
	var out []ZoneName
	for _, z := range s.props.Zones {
		out = append(out, ZoneName{z.ZoneID, []netip.Addr{z.Address}})
	}
	return out
}

// Aliases returns what the Regional name leads to: the load balancer, or that of each zone. None in mode direct.
func (s *Service) Aliases() []AliasProps {
	var out []AliasProps
	for _, z := range s.props.Zones {
		switch b := s.balancers[z.ZoneID]; {
		case b != nil:
			out = append(out, AliasProps{z.ZoneID, b.DnsName(), b.CanonicalHostedZoneId()})
		case len(out) == 0 && s.balancers[""] != nil:
			b = s.balancers[""]
			out = append(out, AliasProps{"", b.DnsName(), b.CanonicalHostedZoneId()})
		}
	}
	return out
}
