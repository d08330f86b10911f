package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/alarmtest"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// watchedSite is a site with its alarms, as its templates define them.
type watchedSite struct {
	s          *synthesized
	site       *topology.Site
	tpl        *cdktest.Template // of the ops stack
	alarms     map[string]map[string]any
	composites map[string]string // rules
}

func watch(t *testing.T, s *synthesized, name string) *watchedSite {
	t.Helper()
	w := &watchedSite{s: s, site: s.plan.Site(name), alarms: map[string]map[string]any{}, composites: map[string]string{}}
	w.tpl = s.templates[s.plan.StackName(topology.LayerOps, w.site.Place)]
	r := resolver{t, s}
	for _, x := range s.plan.Stack(s.plan.StackName(topology.LayerOps, w.site.Place)).Resources {
		_, id, ok := strings.Cut(x.Name, "/alarm/")
		if !ok || !strings.HasPrefix(x.Name, "site/"+name+"/") {
			continue
		}
		properties := r.value(w.tpl.Resources[x.LogicalID].Properties).(map[string]any)
		if x.Type == "AWS::CloudWatch::CompositeAlarm" {
			w.composites[id] = properties["AlarmRule"].(string)
		} else {
			w.alarms[id] = properties
		}
	}
	return w
}

// connection are the ids of a VPN connection as the resolver writes them.
func (w *watchedSite) connection(name string) (vpn string, outside [2]string, attachment string) {
	id := naming.Site(w.site.Name) + "/" + naming.Connection(name)
	facts := logical(id + "/" + naming.VPNFacts + "/Resource")
	return "id:" + logical(id+"/Resource"), [2]string{facts + ".Tunnel1OutsideIp", facts + ".Tunnel2OutsideIp"}, facts + ".TransitGatewayAttachmentId"
}

// series are metrics over an hour, in the rhythm in which AWS writes them.
type series struct {
	w *watchedSite
	s alarmtest.Series
}

func (x series) add(every time.Duration, value func(at time.Duration) (float64, bool), namespace, name string, dimensions ...alarmtest.Dimension) {
	key := alarmtest.Key(namespace, name, dimensions...)
	for at := time.Duration(0); at < time.Hour; at += every {
		if v, ok := value(at); ok {
			x.s[key] = append(x.s[key], alarmtest.Sample{At: at, Value: v})
		}
	}
}

func dim(name, value string) alarmtest.Dimension {
	return alarmtest.Dimension{Name: name, Value: value}
}

func always(v float64) func(time.Duration) (float64, bool) {
	return func(time.Duration) (float64, bool) { return v, true }
}

// upTo is v until a time, and other after it.
func upTo(end time.Duration, v, other float64) func(time.Duration) (float64, bool) {
	return func(at time.Duration) (float64, bool) {
		if at < end {
			return v, true
		}
		return other, true
	}
}

// silentFrom is v until a time, and nothing after it.
func silentFrom(end time.Duration, v float64) func(time.Duration) (float64, bool) {
	return func(at time.Duration) (float64, bool) { return v, at < end }
}

// tunnel writes a tunnel's state, to its own metric and to the connection's.
func (x series) tunnel(connection string, tunnel int, state func(time.Duration) (float64, bool)) {
	vpn, outside, _ := x.w.connection(connection)
	x.add(time.Minute, state, "AWS/VPN", "TunnelState", dim("VpnId", vpn), dim("TunnelIpAddress", outside[tunnel-1]))
	x.add(time.Minute, state, "AWS/VPN", "TunnelState", dim("VpnId", vpn))
}

// bytes writes what a tunnel carries in five minutes.
func (x series) bytes(connection string, tunnel int, metric string, bitsPerSecond float64) {
	vpn, outside, _ := x.w.connection(connection)
	sum := always(bitsPerSecond * 300 / 8)
	x.add(5*time.Minute, sum, "AWS/VPN", metric, dim("VpnId", vpn), dim("TunnelIpAddress", outside[tunnel-1]))
	x.add(5*time.Minute, sum, "AWS/VPN", metric, dim("VpnId", vpn))
}

func (x series) packets(connection, metric string, perSecond float64) {
	_, _, attachment := x.w.connection(connection)
	gateway := "id:" + logical(naming.TransitGateway(x.w.site.TransitGateway)+"/Resource")
	x.add(time.Minute, always(perSecond*60), "AWS/TransitGateway", metric, dim("TransitGateway", gateway), dim("TransitGatewayAttachment", attachment))
}

// lines are log lines that a metric filter counted in the minutes of a span.
func (x series) lines(metric string, from, to time.Duration, dimensions ...alarmtest.Dimension) {
	x.add(time.Minute, func(at time.Duration) (float64, bool) { return 3, at >= from && at < to }, vpnwatch.Namespace, metric, dimensions...)
}

func (x series) prefixes(metric string, n func(time.Duration) (float64, bool)) {
	x.add(5*time.Minute, n, vpnwatch.Namespace, metric, dim("Network", x.w.s.plan.Name), dim("Site", x.w.site.Name))
}

// healthy is a site on a good day.
func (w *watchedSite) healthy() series {
	x := series{w, alarmtest.Series{}}
	for _, c := range w.site.Connections {
		for tunnel := 1; tunnel <= 2; tunnel++ {
			x.tunnel(c.Name, tunnel, always(1))
			x.bytes(c.Name, tunnel, "TunnelDataIn", 100e6)
			x.bytes(c.Name, tunnel, "TunnelDataOut", 200e6)
		}
		x.packets(c.Name, "PacketsIn", 20_000)
		x.packets(c.Name, "PacketsOut", 30_000)
	}
	x.prefixes(vpnwatch.MetricUnexpected, always(0))
	x.prefixes(vpnwatch.MetricMissing, always(0))
	return x
}

// replace writes a metric anew.
func (x series) replace(metric string) series {
	for key := range x.s {
		if strings.Contains(key, " "+metric+" ") {
			delete(x.s, key)
		}
	}
	return x
}

// at evaluates all alarms every minute up to a time, as CloudWatch would, and returns those in alarm, and those that do not
// know.
func (w *watchedSite) at(t *testing.T, x series, end time.Duration) []string {
	t.Helper()
	states := map[string]alarmtest.State{}
	for id, properties := range w.alarms {
		a, err := alarmtest.Decode(properties)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		states[id] = alarmtest.Insufficient
		for at := 20 * time.Minute; at <= end; at += time.Minute {
			if states[id], err = a.State(x.s, at, states[id]); err != nil {
				t.Fatalf("%s: %v", id, err)
			}
		}
	}
	var out []string
	for id, state := range states {
		if state == alarmtest.InAlarm {
			out = append(out, id)
		} else if state != alarmtest.OK {
			out = append(out, id+" "+string(state))
		}
	}
	for id, rule := range w.composites {
		if composite(t, w, rule, states) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

var ofRule = regexp.MustCompile(`^ALARM\("id:([A-Za-z0-9]+)"\)$`)

// composite evaluates the rule of a composite alarm: ALARM("name") AND ...
func composite(t *testing.T, w *watchedSite, rule string, states map[string]alarmtest.State) bool {
	t.Helper()
	byLogical := map[string]string{}
	for id := range w.alarms {
		byLogical[logical(naming.SiteAlarms(w.site.Name)+"/"+id)] = id
	}
	for part := range strings.SplitSeq(rule, " AND ") {
		m := ofRule.FindStringSubmatch(part)
		if m == nil || byLogical[m[1]] == "" {
			t.Fatalf("the rule names something else: %q", rule)
		}
		if states[byLogical[m[1]]] != alarmtest.InAlarm {
			return false
		}
	}
	return true
}

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

// TestSiteAlarms_FollowTheRecipe asserts what decides about an alarm of tunnels as AWS's recipe has it, and that every alarm tells
// the topic of its Region when it goes off and when it is over.
func TestSiteAlarms_FollowTheRecipe(t *testing.T) {
	for _, c := range []struct{ config, site, connection string }{{"reference", "idc", "fw1"}, {"webhook", "idc", "fw2"}, {"webhook", "office", "main"}} {
		w := watch(t, synth(t, c.config), c.site)
		vpn, outside, _ := w.connection(c.connection)
		for id, x := range map[string]struct{ statistic, ip string }{
			naming.TunnelDownAlarm(c.connection, 1): {"Minimum", outside[0]}, naming.TunnelDownAlarm(c.connection, 2): {"Minimum", outside[1]},
			naming.AnyDownAlarm(c.connection): {"Minimum", ""}, naming.AllDownAlarm(c.connection): {"Maximum", ""},
		} {
			dimensions := []m{{"Name": "VpnId", "Value": vpn}}
			if x.ip != "" {
				dimensions = append(dimensions, m{"Name": "TunnelIpAddress", "Value": x.ip})
			}
			if diff := cdktest.Match(m{"Namespace": "AWS/VPN", "MetricName": "TunnelState", "Statistic": x.statistic, "Period": 300, "EvaluationPeriods": 1,
				"DatapointsToAlarm": 1, "ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching", "Dimensions": dimensions}, w.alarms[id]); diff != nil {
				t.Errorf("%s %s: %s", c.site, id, diff)
			}
		}
		for id, p := range w.alarms {
			topic := []string{"id:" + logical("Alerts/Resource")}
			if diff := cdktest.Match(m{"AlarmActions": topic, "OKActions": topic, "AlarmName": cdktest.Absent, "ActionsEnabled": cdktest.Absent}, p); diff != nil {
				t.Errorf("%s %s: %s", c.site, id, diff)
			}
			text := vpnwatch.ParseText(p["AlarmDescription"].(string))
			stack := w.s.plan.StackName(topology.LayerOps, w.site.Place)
			if text.What == "" || text.Means == "" || text.Do == "" || text.Network != w.s.plan.Name || text.Site != c.site || text.Stack != stack {
				t.Errorf("%s %s tells too little: %+v", c.site, id, text)
			}
			if strings.Contains(id, "-"+c.connection+"-2") && (text.Tunnel != 2 || text.Connection != c.connection) {
				t.Errorf("%s %s is about %s", c.site, id, text.Title())
			}
		}
	}
}

// TestSiteAlarms_FitTheSite asserts which alarms a site has, and at what.
func TestSiteAlarms_FitTheSite(t *testing.T) {
	s := synth(t, "webhook")
	for site, want := range map[string][]string{
		// Two connections: the site is cut off when both are down. What is left of four tunnels is three, shared by two connections.
		"idc": {"AllDown", "AllDown-fw1", "AllDown-fw2", "AnyDown-fw1", "AnyDown-fw2", "BgpDown-fw1-1", "BgpDown-fw1-2", "BgpDown-fw2-1", "BgpDown-fw2-2",
			"Headroom-fw1 1500000000", "Headroom-fw2 1500000000", "IkeDown", "MissingPrefixes", "Packets-fw1 168000", "Packets-fw2 168000",
			"TunnelDown-fw1-1", "TunnelDown-fw1-2", "TunnelDown-fw2-1", "TunnelDown-fw2-2", "TunnelTraffic-fw1-1 1000000000", "TunnelTraffic-fw1-2 1000000000",
			"TunnelTraffic-fw2-1 1000000000", "TunnelTraffic-fw2-2 1000000000", "UnexpectedPrefixes"},
		// Large tunnels: AWS documents no packet rate, so no alarm claims one.
		"lab": {"AllDown-main", "AnyDown-main", "BgpDown-main-1", "BgpDown-main-2", "Headroom-main 4000000000", "IkeDown", "MissingPrefixes", "TunnelDown-main-1",
			"TunnelDown-main-2", "TunnelTraffic-main-1 4000000000", "TunnelTraffic-main-2 4000000000", "UnexpectedPrefixes"},
		// Static routes: no BGP, nothing announced, one tunnel carries everything; and no logs.
		"office": {"AllDown-main", "AnyDown-main", "Packets-main 112000", "TunnelDown-main-1", "TunnelDown-main-2", "TunnelTraffic-main-1 1000000000", "TunnelTraffic-main-2 1000000000"},
	} {
		w := watch(t, s, site)
		got := slices.Collect(maps.Keys(w.composites))
		for id, p := range w.alarms {
			if limit := p["Threshold"].(float64); limit > 1 {
				id += fmt.Sprintf(" %.0f", limit)
			}
			got = append(got, id)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q\nwant %q", site, got, want)
		}
	}
	w := watch(t, s, "idc")
	x := w.healthy()
	x.replace("TunnelState")
	for _, c := range []string{"fw1", "fw2"} {
		x.tunnel(c, 1, always(0))
		x.tunnel(c, 2, upTo(fell, 1, 0))
	}
	if got := w.at(t, x, fell-5*time.Minute); slices.Contains(got, "AllDown") {
		t.Errorf("the site is cut off while two tunnels are up: %v", got)
	}
	if got := w.at(t, x, fell+10*time.Minute); !slices.Contains(got, "AllDown") {
		t.Errorf("nobody is told that the site is cut off: %v", got)
	}
}

// TestSiteAlarms_Filters asserts that metrics are made of AWS's log lines, and that alarms watch them under the name that AWS's
// field gives.
func TestSiteAlarms_Filters(t *testing.T) {
	s := synth(t, "reference")
	network := s.templates["reference-network-ap-northeast-2"]
	network.Has(t, "AWS::Logs::MetricFilter", m{"LogGroupName": cdktest.Ref(logical("Site-idc/BgpLog")), "FilterPattern": vpnwatch.BGPDownPattern,
		"MetricTransformations": []m{{"MetricName": "BgpDown", "MetricNamespace": "Pathproof/VPN", "MetricValue": "1", "DefaultValue": cdktest.Absent,
			"Dimensions": []m{{"Key": "Tunnel", "Value": "$.resource_id"}}}}})
	network.Has(t, "AWS::Logs::MetricFilter", m{"LogGroupName": cdktest.Ref(logical("Site-idc/ActivityLog")), "FilterPattern": vpnwatch.IKEDownPattern,
		"MetricTransformations": []m{{"MetricName": "IkeDown-reference-idc", "MetricNamespace": "Pathproof/VPN", "MetricValue": "1"}}})
	w := watch(t, s, "idc")
	vpn, outside, _ := w.connection("fw1")
	if diff := cdktest.Match(m{"Namespace": "Pathproof/VPN", "MetricName": "BgpDown", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "TreatMissingData": "notBreaching",
		"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "Dimensions": []m{{"Name": "Tunnel", "Value": vpn + "_" + outside[1]}}}, w.alarms["BgpDown-fw1-2"]); diff != nil {
		t.Error(diff)
	}
}

// TestSiteAlarms_CheckPrefixes asserts that the schedule asks about what the plan says, and that the function may only look.
func TestSiteAlarms_CheckPrefixes(t *testing.T) {
	s := synth(t, "webhook")
	ops := s.templates["hooked-ops-ap-northeast-2"]
	rule := ops.Resource(t, logical("Alarms-idc/PrefixCheck"), "AWS::Events::Rule")
	properties := resolver{t, s}.value(rule.Properties).(map[string]any)
	target := properties["Targets"].([]any)[0].(map[string]any)
	function := logical("PrefixCheck/Function")
	if properties["ScheduleExpression"] != "rate(10 minutes)" || target["Arn"] != function+".Arn" {
		t.Errorf("got %v", properties)
	}
	check, err := vpnwatch.ParseCheck([]byte(target["Input"].(string)))
	if err != nil {
		t.Fatal(err)
	}
	site := s.plan.Site("idc")
	one, _, _ := watch(t, s, "idc").connection("fw1")
	two, _, _ := watch(t, s, "idc").connection("fw2")
	table := "id:" + logical("TransitGateway-seoul/Segment-cloud/Resource") // which learns from onprem
	if check.Network != "hooked" || check.Site != "idc" || check.RouteTable != table || !slices.Equal(check.VPNConnections, []string{one, two}) || !slices.Equal(check.Prefixes, site.Prefixes) {
		t.Errorf("got %+v", check)
	}
	ops.Has(t, "AWS::Lambda::Function", m{"Handler": vpnwatch.HandlerPrefixes, "Role": m{"Fn::GetAtt": []string{logical("PrefixCheck/Role"), "Arn"}}})
	ops.Has(t, "AWS::Lambda::Permission", m{"SourceArn": m{"Fn::GetAtt": []string{logical("Alarms-idc/PrefixCheck"), "Arn"}}, "FunctionName": cdktest.Ref(function)})
	role := ops.Resource(t, logical("PrefixCheck/Role"), "AWS::IAM::Role")
	if diff := cdktest.Match(m{"ManagedPolicyArns": cdktest.Absent, "Policies": []m{{"PolicyDocument": m{"Statement": []m{
		{"Action": []string{"logs:CreateLogStream", "logs:PutLogEvents"}, "Effect": "Allow"},
		{"Action": []string{"ec2:SearchTransitGatewayRoutes"}, "Effect": "Allow", "Resource": []string{"*"}}}}}}}, role.Properties); diff != nil {
		t.Error(diff)
	}
	// Nothing is checked where nothing is announced.
	if n := len(s.templates["hooked-ops-ap-northeast-1"].Find("AWS::Lambda::Function", m{"Handler": vpnwatch.HandlerPrefixes})); n != 0 {
		t.Errorf("%d functions check a site with static routes", n)
	}
}

// TestSiteAlarms_Dashboard asserts that the dashboard shows every metric that an alarm watches, and the paths that are measured.
func TestSiteAlarms_Dashboard(t *testing.T) {
	s := synth(t, "reference")
	w := watch(t, s, "idc")
	id := logical("Alarms-idc/Dashboard")
	properties := resolver{t, s}.value(w.tpl.Resource(t, id, "AWS::CloudWatch::Dashboard").Properties).(map[string]any)
	var body struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          struct {
				Region  string
				Title   string
				Metrics [][]any
			}
		}
	}
	if err := json.Unmarshal([]byte(properties["DashboardBody"].(string)), &body); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	places := map[[2]int]bool{}
	for _, x := range body.Widgets {
		if x.X+x.Width > 24 || places[[2]int{x.X, x.Y}] || x.Properties.Region != seoul {
			t.Errorf("%s stands at %d, %d of %s", x.Properties.Title, x.X, x.Y, x.Properties.Region)
		}
		places[[2]int{x.X, x.Y}] = true
		for _, metric := range x.Properties.Metrics {
			var texts []string
			for _, part := range metric {
				if s, ok := part.(string); ok {
					texts = append(texts, s)
				}
			}
			if len(texts) > 1 {
				var dimensions []alarmtest.Dimension
				for i := 2; i+1 < len(texts); i += 2 {
					dimensions = append(dimensions, dim(texts[i], texts[i+1]))
				}
				shown[alarmtest.Key(texts[0], texts[1], dimensions...)] = true
			}
		}
	}
	for id, p := range w.alarms {
		a, err := alarmtest.Decode(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Metrics) > 0 || strings.HasPrefix(id, "AnyDown") || strings.HasPrefix(id, "AllDown") { // of both tunnels, which are shown each
			continue
		}
		if !shown[alarmtest.Key(a.Namespace, a.MetricName, a.Dimensions...)] {
			t.Errorf("the dashboard does not show what %s watches", id)
		}
	}
	for _, words := range []string{"FailurePercent", "idc-in", "TunnelDataIn", "PacketsOut", "alarm of one tunnel"} {
		if !strings.Contains(properties["DashboardBody"].(string), words) {
			t.Errorf("the dashboard does not show %s", words)
		}
	}
	if properties["DashboardName"] != "pathproof-reference-site-idc" {
		t.Errorf("got the name %v", properties["DashboardName"])
	}
}
