package test

import (
	"slices"
	"strings"
	"testing"
)

// part cuts a part out of a text, from one mark up to another.
func part(t *testing.T, text, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, from)
	inner, _, more := strings.Cut(rest, to)
	if !found || !more {
		t.Fatalf("no %q before %q", from, to)
	}
	return from + inner
}

const (
	tokyoPeering = "  seoul-tokyo: {between: [seoul/vpn, tokyo/service], dns: both}\n"
	tokyoPath    = "  peering: {from: seoul/vpn, to: host/tokyo-target, via: [peering/seoul-tokyo], slo: p90(connect) < 40ms and fail < 5%}\n"
	tokyoAllow   = "  - {from: seoul/vpn, to: tokyo/service, tcp: [7007], icmp: true}\n"
	webPeering   = "  web-edge: {between: [seoul/web, oregon/edge], dns: both}\n"
	webPath      = "  proxy: {from: oregon/edge, to: host/web-target, via: [peering/web-edge], slo: p90(connect) < 150ms and fail < 5%}\n"
	webAllow     = "  - {from: oregon/edge, to: seoul/web, tcp: [80]}\n"
	idcPaths     = "  idc: {from: seoul/app, to: host/idc-target, via: [transitGateway/seoul, site/idc], flows: 32, slo: p90(connect) < 15ms and fail < 5%}\n  idc-in: {from: site/idc, to: host/app-target, via: [transitGateway/seoul]}\n"
	idcAllow     = "  - {from: site/idc, to: seoul/app, tcp: [443, 7007]}\n  - {from: [seoul/app, seoul/vpn], to: site/idc, tcp: [7007]}\n"
	idcHost      = "  idc-target: {site: idc, ip: 10.20.0.10, port: 7007}\n"
	noTransit    = "  no-transit: {from: site/idc, to: host/tokyo-target, expect: unreachable}\n  no-onprem: {from: tokyo/service, to: host/idc-target, expect: unreachable}\n"
	appPath      = "  people: {from: seoul/vpn, to: host/app-target, via: [transitGateway/seoul], slo: p90(connect) < 5ms and fail < 5%}\n"
	comparison   = "compare: # which is faster; measured interleaved\n  - {paths: [people, peering], margin: 2ms}\n"
	serviceAllow = "  - {from: oregon/service, to: internet, tcp: [443]}\n"
	appAllow     = "  - {from: seoul/vpn, to: seoul/app, tcp: [443, 7007]}\n"
)

// TestRemoval takes things out of the reference network. Where pathproof diff says that plain deployment fails, it does; the
// commands that the report prints, the first of which is plain deployment otherwise, work and leave nothing behind. The failure
// is tried for two of them, since that takes time;
// internal/change holds more changes against the engine without the CDK CLI.
func TestRemoval(t *testing.T) {
	reference := string(readFile(t, "../pathproof.yaml"))
	cut := func(from, to string) string { return part(t, reference, from, to) }
	for _, tt := range []struct {
		name  string
		edit  []string // pairs
		allow string
		codes []string // of pathproof diff
		fails string   // what CloudFormation answers to plain deployment; empty if that works
	}{
		{"zone of a peered network", []string{"zones: [apne2-az1, apne2-az3]\n    tiers: [private/27]", "zones: [apne2-az1]\n    tiers: [private/27]"},
			"", []string{"NET903"}, "cannot be deleted as it is in use by reference-routes-ap-northeast-2"},
		{"network", []string{cut("  oregon/service:", "  oregon/edge:"), "", "  oregon-target: {network: oregon/service, ip: 10.0.0.227, port: 7007}\n", "", "  isolated: {from: oregon/service, to: host/app-target, expect: unreachable}\n", "", serviceAllow, ""},
			"network/oregon/service", []string{"NET904"}, ""},
		{"last peerings", []string{"peerings:\n" + tokyoPeering + webPeering, "", tokyoPath, "", comparison, "", tokyoAllow, "", webPath, "", webAllow, "", noTransit, ""}, "", []string{"NET903", "NET904"}, ""},
		{"site", []string{"      onprem: {attach: [site/idc], reaches: [cloud]}\n", "", "reaches: [cloud, onprem]", "reaches: [cloud]", cut("sites:", "peerings:"), "", idcHost, "", idcAllow, "", idcPaths, "", noTransit, ""},
			"site/idc", []string{"NET903"}, ""},
		{"last transit gateway", []string{cut("transitGateways:", "peerings:"), "", idcHost, "", idcAllow, "", appAllow, "", cut("  idc: {from: seoul/app", "  isolated:"), "", comparison, "", noTransit, ""},
			"site/idc,transitGateway/seoul", []string{"NET903"}, "as it is in use by reference-network-ap-northeast-2-app"},
		{"Region", []string{"  tokyo: {region: ap-northeast-1}\n", "", cut("  tokyo/service:", "  oregon/service:"), "", tokyoPeering, "", tokyoPath, "", comparison, "", tokyoAllow, "", noTransit, "",
			"  tokyo-target: {network: tokyo/service, ip: 172.31.26.253, port: 7007}\n", ""}, "network/tokyo/service", []string{"NET904"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAccount(t)
			a.deployed(reference)
			a.write(replaceAll(t, reference, tt.edit...))
			status, allow := 0, []string(nil)
			if slices.Contains(tt.codes, "NET903") {
				status = 2
			}
			if tt.allow != "" {
				a.diff(2, []string{"NET901"})
				allow = []string{"--allow-destroy", tt.allow}
			}
			a.diff(status, tt.codes, allow...)
			if tt.fails != "" {
				if out, err := a.cdk("deploy", "--all", "--concurrency", "4"); err == nil || !strings.Contains(out, tt.fails) {
					t.Fatalf("plain deployment: %v, want %q\n%s", err, tt.fails, out)
				}
			}
			report, _ := a.pathproof(append([]string{"diff"}, allow...)...)
			a.steps(report)
			a.settled()
		})
	}
}
