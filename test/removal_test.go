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

// lines cuts out the lines that start with these texts, each of one line of the text.
func lines(t *testing.T, text string, starts ...string) []string {
	t.Helper()
	var pairs []string
	for _, start := range starts {
		pairs = append(pairs, part(t, text, "\n"+start, "\n"), "")
	}
	return pairs
}

// TestRemoval takes things out of the reference network. Where pathproof diff says that plain deployment fails, it does; the
// commands that the report prints, the first of which is plain deployment otherwise, work and leave nothing behind. The failure
// is tried for two of them, since that takes time;
// internal/change holds more changes against the engine without the CDK CLI.
func TestRemoval(t *testing.T) {
	reference := string(readFile(t, "../internal/change/testdata/network.yaml"))
	cut := func(from, to string) string { return part(t, reference, from, to) }
	without := func(starts ...string) []string { return lines(t, reference, starts...) }
	tokyo := without("  seoul-tokyo: {", "  peering: {", "  - {from: seoul/vpn, to: tokyo/service", "  - {paths: [people, peering]")
	tokyo = append(tokyo, "\ncompare: # which is faster; measured interleaved", "")
	idc := without("  idc-target: {", "  - {from: site/idc, to: seoul/app", "  - {from: [seoul/app, seoul/vpn], to: site/idc", "  idc: {from", "  idc-in: {", "  no-transit: {", "  no-onprem: {")
	for _, tt := range []struct {
		name  string
		edit  []string // pairs
		allow string
		codes []string // of pathproof diff
		fails string   // what CloudFormation answers to plain deployment; empty if that works
	}{
		{"zone of a peered network", []string{"zones: [apne2-az1, apne2-az3]\n    tiers: [private/27]", "zones: [apne2-az1]\n    tiers: [private/27]"},
			"", []string{"NET903"}, "cannot be deleted as it is in use by reference-routes-ap-northeast-2"},
		{"network", append(without("  oregon-target: {", "  isolated: {", "  - {from: oregon/service"), cut("  oregon/service:", "  oregon/edge:"), ""),
			"network/oregon/service", []string{"NET904"}, ""},
		{"last peerings", append(append(without("  web-edge: {", "  proxy: {", "  - {from: oregon/edge", "  no-onprem: {"), "\npeerings:", ""), tokyo...), "", []string{"NET903", "NET904"}, ""},
		{"site", append(slices.Clone(idc), "      onprem: {attach: [site/idc], reaches: [cloud]}\n", "", "reaches: [cloud, onprem]", "reaches: [cloud]", cut("\nsites:", "\npeerings:"), ""),
			"site/idc", []string{"NET903"}, ""},
		{"last transit gateway", append(append(slices.Clone(idc), without("  - {from: seoul/vpn, to: seoul/app", "  people: {", "  - {paths: [people, peering]")...), "\ncompare: # which is faster; measured interleaved", "", cut("transitGateways:", "\npeerings:"), ""),
			"site/idc,transitGateway/seoul", []string{"NET903"}, "as it is in use by reference-network-ap-northeast-2-app"},
		{"Region", append(append(slices.Clone(tokyo), without("  tokyo: {", "  tokyo-target: {", "  no-transit: {", "  no-onprem: {")...), cut("  tokyo/service:", "  oregon/service:"), ""),
			"network/tokyo/service", []string{"NET904"}, ""},
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
