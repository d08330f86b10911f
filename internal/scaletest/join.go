package scaletest

import (
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
)

func (g *generator) gateways() {
	g.linef("transitGateways:")
	for r := range g.regions {
		var vpcs []string
		for i := range g.vpcs {
			vpcs = append(vpcs, g.key(r*g.vpcs+i))
		}
		g.linef("  %s:\n    region: %s\n    asn: %d\n    segments:", g.alias(r), g.alias(r), 64512+r)
		reaches := "cloud, onprem"
		if len(g.regions) > 1 {
			reaches += ", mesh"
			g.linef("      mesh: {attach: [%s], reaches: [cloud]}", strings.Join(g.peeringsOf(r), ", "))
		}
		g.linef("      onprem: {attach: [site/%s], reaches: [cloud]}", g.site(r))
		g.linef("      cloud: {attach: [%s], reaches: [%s]}", strings.Join(vpcs, ", "), reaches)
	}
}

func (g *generator) site(region int) string { return g.alias(region) + "-dc" }

// sites have one prefix of 172.16.0.0/12 and one gateway each.
func (g *generator) sites() {
	g.linef("sites:")
	for r := range g.regions {
		g.linef("  %s:", g.site(r))
		g.linef("    prefixes: [172.16.%d.0/24]", r)
		g.linef("    gateways: {fw: {ip: 203.0.113.%d, asn: %d}}", r+1, 65000+r)
		g.linef("    connect: {transitGateway: %s, vpnConnections: {fw: {gateway: fw, inside: [169.254.%d.0/30, 169.254.%d.4/30]}}}",
			g.alias(r), 10+r, 10+r)
	}
}

// peerings join every two transit gateways.
func (g *generator) peerings() {
	if len(g.regions) < 2 {
		return
	}
	g.linef("peerings:")
	for x := range g.regions {
		for y := x + 1; y < len(g.regions); y++ {
			g.linef("  %s: {between: [%s, %s], mode: transitGateway}", g.peering(x, y), g.alias(x), g.alias(y))
		}
	}
}

func (g *generator) peering(x, y int) string {
	return g.alias(min(x, y)) + "-" + g.alias(max(x, y))
}

func (g *generator) peeringsOf(region int) []string {
	var out []string
	for other := range g.regions {
		if other != region {
			out = append(out, "peering/"+g.peering(region, other))
		}
	}
	return out
}

// hosts are one in each VPC, in the private subnet of its first zone.
func (g *generator) hosts() {
	g.linef("hosts:")
	for n := range g.total() {
		g.linef("  %s: {network: %s, zone: %s, port: 443}", g.host(n), g.key(n), awsdata.ZonesOf(g.regions[g.regionOf(n)])[0])
	}
}

// pair is the ends of path number i. The step grows by one with each round through all VPCs, so no pair comes twice.
func (g *generator) pair(i int) (from, to int) {
	n := g.total()
	from = i % n
	step := 1 + (i/n+from*7)%(n-1)
	return from, (from + step) % n
}

func (g *generator) allowAndPaths() {
	var allow, paths []string
	for i := range g.paths {
		from, to := g.pair(i)
		path := fmt.Sprintf("  p%04d: {from: %s, to: host/%s", i+1, g.key(from), g.host(to))
		if i%unreachableEvery == unreachableEvery-1 {
			path += ", expect: unreachable"
		} else {
			allow = append(allow, fmt.Sprintf("  - {from: %s, to: host/%s, tcp: [443]}", g.key(from), g.host(to)))
		}
		paths = append(paths, path+"}")
	}
	for _, part := range []struct {
		key   string
		lines []string
	}{{"allow", allow}, {"paths", paths}} {
		if len(part.lines) > 0 {
			g.linef("%s:\n%s", part.key, strings.Join(part.lines, "\n"))
		}
	}
}
