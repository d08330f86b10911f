package test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/vpnwatch"
)

const fell = 30 * time.Minute // when something happens

// flap is down for a minute.
func flap(at time.Duration) (float64, bool) {
	if at == fell {
		return 0, true
	}
	return 1, true
}

// scenarios are what may happen to a site with the VPN connection fw1, and which alarms are to go off.
var scenarios = map[string]struct {
	happens func(x series)
	at      time.Duration
	want    []string // without the site's other connections
}{
	"both tunnels up": {func(series) {}, time.Hour, nil},
	"tunnel 1 down": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 1, upTo(fell, 1, 0))
		x.tunnel("fw1", 2, always(1))
	}, fell + 10*time.Minute, []string{"AnyDown-fw1", "TunnelDown-fw1-1"}},
	"tunnel 2 down": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 2, upTo(fell, 1, 0))
		x.tunnel("fw1", 1, always(1))
	}, fell + 10*time.Minute, []string{"AnyDown-fw1", "TunnelDown-fw1-2"}},
	"tunnel 1 down, and the connection between 0 and 1": { // the User Guide's words for it
		func(x series) {
			vpn, outside, _ := x.w.connection("fw1")
			x.replace("TunnelState").add(time.Minute, upTo(fell, 1, 0.5), "AWS/VPN", "TunnelState", dim("VpnId", vpn))
			x.add(time.Minute, upTo(fell, 1, 0), "AWS/VPN", "TunnelState", dim("VpnId", vpn), dim("TunnelIpAddress", outside[0]))
			x.add(time.Minute, always(1), "AWS/VPN", "TunnelState", dim("VpnId", vpn), dim("TunnelIpAddress", outside[1]))
		}, fell + 10*time.Minute, []string{"AnyDown-fw1", "TunnelDown-fw1-1"}},
	"one minute of AWS's maintenance of tunnel 2": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 1, always(1))
		x.tunnel("fw1", 2, flap)
	}, fell + 5*time.Minute, []string{"AnyDown-fw1", "TunnelDown-fw1-2"}},
	"one minute of AWS's maintenance": {func(x series) { // document 2's incident: it is told although it is over
		x.replace("TunnelState").tunnel("fw1", 1, flap)
		x.tunnel("fw1", 2, always(1))
	}, fell + 5*time.Minute, []string{"AnyDown-fw1", "TunnelDown-fw1-1"}},
	"one minute of AWS's maintenance, ten minutes later": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 1, flap)
		x.tunnel("fw1", 2, always(1))
	}, fell + 10*time.Minute, nil},
	"all down": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 1, upTo(fell, 1, 0))
		x.tunnel("fw1", 2, upTo(fell, 1, 0))
	}, fell + 10*time.Minute, []string{"AllDown-fw1", "AnyDown-fw1", "TunnelDown-fw1-1", "TunnelDown-fw1-2"}},
	"data missing": {func(x series) { // later than a value of 0: CloudWatch uses the last ones for a while
		x.replace("TunnelState").tunnel("fw1", 1, silentFrom(fell, 1))
		x.tunnel("fw1", 2, silentFrom(fell, 1))
	}, fell + 20*time.Minute, []string{"AllDown-fw1", "AnyDown-fw1", "TunnelDown-fw1-1", "TunnelDown-fw1-2"}},
	"data of tunnel 1 missing": {func(x series) {
		x.replace("TunnelState").tunnel("fw1", 1, silentFrom(fell, 1))
		x.tunnel("fw1", 2, always(1))
	}, fell + 20*time.Minute, []string{"TunnelDown-fw1-1"}},
	"BGP in tunnel 1 lost": {func(x series) {
		vpn, outside, _ := x.w.connection("fw1")
		x.lines(vpnwatch.MetricBGPDown, fell, fell+2*time.Minute, dim("Tunnel", vpn+"_"+outside[0]))
	}, fell + 2*time.Minute, []string{"BgpDown-fw1-1"}},
	"BGP in tunnel 2 lost": {func(x series) {
		vpn, outside, _ := x.w.connection("fw1")
		x.lines(vpnwatch.MetricBGPDown, fell, fell+2*time.Minute, dim("Tunnel", vpn+"_"+outside[1]))
	}, fell + time.Minute, []string{"BgpDown-fw1-2"}},
	"IKE lost": {func(x series) {
		x.lines(vpnwatch.MetricIKEDown(x.w.s.plan.Name, x.w.site.Name), fell, fell+2*time.Minute)
	}, fell + time.Minute, []string{"IkeDown"}},
	"IKE and BGP quiet again": {func(x series) {
		vpn, outside, _ := x.w.connection("fw1")
		x.lines(vpnwatch.MetricBGPDown, fell, fell+2*time.Minute, dim("Tunnel", vpn+"_"+outside[1]))
		x.lines(vpnwatch.MetricIKEDown(x.w.s.plan.Name, x.w.site.Name), fell, fell+2*time.Minute)
	}, fell + 6*time.Minute, nil},
	"tunnel 1 full": {func(x series) {
		x.replace("TunnelDataOut").bytes("fw1", 1, "TunnelDataOut", 1.1e9)
	}, time.Hour, []string{"Headroom-fw1", "TunnelTraffic-fw1-1"}},
	"tunnel 2 full": {func(x series) {
		x.replace("TunnelDataIn").bytes("fw1", 2, "TunnelDataIn", 1.1e9)
	}, time.Hour, []string{"Headroom-fw1", "TunnelTraffic-fw1-2"}},
	"more than one tunnel carries": {func(x series) { // 600 Mbps in each: well while both are up
		x.replace("TunnelDataIn").bytes("fw1", 1, "TunnelDataIn", 600e6)
		x.bytes("fw1", 2, "TunnelDataIn", 600e6)
	}, time.Hour, []string{"Headroom-fw1"}},
	"no traffic": {func(x series) {
		x.replace("TunnelDataIn").replace("TunnelDataOut").replace("PacketsIn").replace("PacketsOut")
	}, time.Hour, nil},
	"too many packets": {func(x series) { x.replace("PacketsIn").packets("fw1", "PacketsIn", 120_000) }, time.Hour, []string{"Packets-fw1"}},
	"a prefix too many": {func(x series) {
		x.replace(vpnwatch.MetricUnexpected).prefixes(vpnwatch.MetricUnexpected, upTo(fell, 0, 1))
	},
		fell + 10*time.Minute, []string{"UnexpectedPrefixes"}},
	"a prefix gone": {func(x series) { x.replace(vpnwatch.MetricMissing).prefixes(vpnwatch.MetricMissing, upTo(fell, 0, 1)) },
		fell + 20*time.Minute, []string{"MissingPrefixes"}},
	"nobody looks at prefixes": {func(x series) {
		x.replace(vpnwatch.MetricMissing).prefixes(vpnwatch.MetricMissing, silentFrom(fell, 0))
		x.replace(vpnwatch.MetricUnexpected).prefixes(vpnwatch.MetricUnexpected, silentFrom(fell, 0))
	}, time.Hour, []string{"MissingPrefixes"}},
}

// TestSiteAlarms_States evaluates the alarms of the reference network's template on series of metrics.
func TestSiteAlarms_States(t *testing.T) {
	w := watch(t, synth(t, "reference"), "idc")
	if len(w.alarms) != 13 || len(w.composites) != 0 {
		t.Errorf("got the alarms %v and %v", slices.Sorted(maps.Keys(w.alarms)), w.composites)
	}
	for name, x := range scenarios {
		t.Run(name, func(t *testing.T) {
			s := w.healthy()
			x.happens(s)
			if got := w.at(t, s, x.at); !slices.Equal(got, x.want) {
				t.Errorf("in alarm: %v, want %v", got, x.want)
			}
		})
	}
}

// TestSiteAlarms_StatesCanFail changes every property of every alarm that decides, and asserts that some scenario tells.
func TestSiteAlarms_StatesCanFail(t *testing.T) {
	w := watch(t, synth(t, "reference"), "idc")
	differs := func() bool {
		for _, x := range scenarios {
			s := w.healthy()
			x.happens(s)
			if !slices.Equal(w.at(t, s, x.at), x.want) {
				return true
			}
		}
		return false
	}
	for id, properties := range w.alarms {
		for what, change := range mutations(properties) {
			w.alarms[id] = change
			if !differs() {
				t.Errorf("%s: nobody notices %s", id, what)
			}
		}
		w.alarms[id] = properties
	}
}

// mutations are an alarm with one property changed each. A few would make no difference by what CloudWatch does, and are left out.
func mutations(p map[string]any) map[string]map[string]any {
	out := map[string]map[string]any{}
	set := func(name string, value any) {
		if fmt.Sprint(p[name]) != fmt.Sprint(value) {
			changed := maps.Clone(p)
			changed[name] = value
			out[fmt.Sprintf("%s %v", name, value)] = changed
		}
	}
	below := p["ComparisonOperator"] == "LessThanThreshold"
	set("ComparisonOperator", map[bool]string{true: "GreaterThanThreshold", false: "LessThanThreshold"}[below])
	set("Threshold", map[bool]float64{true: 0, false: 1e12}[below])
	missing := map[string]string{"breaching": "notBreaching", "notBreaching": "breaching", "ignore": "breaching"}
	set("TreatMissingData", missing[p["TreatMissingData"].(string)])
	if p["Metrics"] != nil {
		return out
	}
	set("MetricName", "Other")
	set("Namespace", "Other")
	if p["Dimensions"] != nil {
		set("Dimensions", []any{map[string]any{"Name": "VpnId", "Value": "vpn-0"}})
	}
	if p["Namespace"] == "AWS/VPN" { // several values in a period
		set("Statistic", map[string]string{"Minimum": "Maximum", "Maximum": "Minimum"}[p["Statistic"].(string)])
		set("Period", 1200)
	}
	return out
}
