// Package scaletest writes configurations of any size for tests and benchmarks: what a large network costs, and how it
// reads. The networks are plausible, valid, and the same for the same numbers.
package scaletest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
)

// Largest numbers that YAML takes: 4096 blocks of /20 lie in 10.0.0.0/8, and every VPC must have room for its zones.
const (
	MaxVPCs  = 4096
	MaxZones = 6
)

// unreachableEvery is which paths assert that two networks cannot talk: one in ten.
const unreachableEvery = 10

// YAML returns a pathproof.yaml with so many Regions, VPCs in each, zones of each VPC, and paths.
//
// Every Region has a transit gateway with three segments: cloud holds the VPCs, onprem one site with a VPN connection,
// mesh the peerings with every other Region's transit gateway. Everything has routes to everything in AWS, and each
// site to its Region. Paths lead from VPC to VPC over all distances; every tenth must be unreachable, because no allow
// entry opens it.
//
// A network's stack holds a route by destination and zone, so check refuses a hundred VPCs of six zones (NET803).
//
// Regions are real, the first five far apart, then in order of their codes; only those with enough zones count. YAML
// panics when it cannot do what is asked: a Region, zone or address that does not exist, or more paths than there are
// pairs of VPCs.
func YAML(regions, vpcsPerRegion, zones, paths int) string {
	g := &generator{regions: regionsWith(zones, regions), vpcs: vpcsPerRegion, zones: zones, paths: paths}
	if n := g.total(); n < 1 || n > MaxVPCs || paths > n*(n-1) {
		panic(fmt.Sprintf("scaletest: %d VPCs with %d paths; use 1 to %d VPCs, and no more paths than pairs of them", n, paths, MaxVPCs))
	}
	g.header()
	g.networks()
	g.gateways()
	g.sites()
	g.peerings()
	g.hosts()
	g.allowAndPaths()
	return g.out.String()
}

// farApart are the Regions that come first.
var farApart = []string{"ap-northeast-2", "us-east-1", "eu-central-1", "ap-southeast-2", "sa-east-1"}

// regionsWith returns the first n Regions of the commercial partition with so many zones.
func regionsWith(zones, n int) []string {
	if zones < 1 || zones > MaxZones {
		panic(fmt.Sprintf("scaletest: %d zones; use 1 to %d", zones, MaxZones))
	}
	all := slices.Clone(farApart)
	for _, r := range awsdata.Regions() {
		if !slices.Contains(farApart, r) && !strings.HasPrefix(r, "us-gov-") {
			all = append(all, r)
		}
	}
	all = slices.DeleteFunc(all, func(r string) bool { return len(awsdata.ZonesOf(r)) < zones })
	if n < 1 || n > len(all) {
		panic(fmt.Sprintf("scaletest: %d Regions with %d zones; use 1 to %d", n, zones, len(all)))
	}
	return all[:n]
}

// generator holds the numbers and the text so far.
type generator struct {
	regions            []string
	vpcs, zones, paths int
	out                strings.Builder
}

func (g *generator) linef(format string, args ...any) { fmt.Fprintf(&g.out, format+"\n", args...) }

func (g *generator) total() int { return len(g.regions) * g.vpcs }

// alias is a Region's short name: the prefix of its zone IDs.
func (g *generator) alias(region int) string {
	alias, _, _ := strings.Cut(awsdata.ZonesOf(g.regions[region])[0], "-")
	return alias
}

func (g *generator) regionOf(vpc int) int { return vpc / g.vpcs }

// name of a VPC within its Region.
func (g *generator) name(vpc int) string { return fmt.Sprintf("vpc-%02d", vpc%g.vpcs+1) }

func (g *generator) key(vpc int) string { return g.alias(g.regionOf(vpc)) + "/" + g.name(vpc) }

func (g *generator) host(vpc int) string { return g.alias(g.regionOf(vpc)) + "-" + g.name(vpc) }

func (g *generator) header() {
	g.linef("# Made by internal/scaletest: %d Regions, %d VPCs in each, %d zones, %d paths.", len(g.regions), g.vpcs, g.zones, g.paths)
	g.linef("apiVersion: pathproof/v1\nname: scale\nregions:")
	for i, r := range g.regions {
		g.linef("  %s: {region: %s}", g.alias(i), r)
	}
}

// networks gives each VPC the next /20: room for eight /24 and eight /28.
func (g *generator) networks() {
	g.linef("networks:")
	for n := range g.total() {
		zones := strings.Join(awsdata.ZonesOf(g.regions[g.regionOf(n)])[:g.zones], ", ")
		g.linef("  %s: {cidr: %s, zones: [%s], tiers: [private/24, attach/28]}", g.key(n), block(n), zones)
	}
}

func block(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 4), byte(n << 4), 0}), 20)
}
