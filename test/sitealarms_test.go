package test

import (
	"encoding/json"
	"fmt"
	"maps"
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

// TestSiteAlarms_FollowTheRecipe asserts what decides about an alarm of tunnels as AWS's recipe has it, and that every alarm tells
// the topic of its Region when it goes off and when it is over.
func TestSiteAlarms_FollowTheRecipe(t *testing.T) {
	for _, c := range []struct{ config, site, connection string }{{"reference", "idc", "fw1"}, {"webhook", "idc", "fw2"}, {"webhook", "office", "main"}} {
		w := watch(t, synth(t, c.config), c.site)
		vpn, outside, _ := w.connection(c.connection)
		for id, x := range map[string]struct {
			statistic, ip, operator string
			threshold               int
		}{
			naming.TunnelDownAlarm(c.connection, 1): {"Minimum", outside[0], "LessThanThreshold", 1},
			naming.TunnelDownAlarm(c.connection, 2): {"Minimum", outside[1], "LessThanThreshold", 1},
			naming.AnyDownAlarm(c.connection):       {"Minimum", "", "LessThanThreshold", 1},
			naming.AllDownAlarm(c.connection):       {"Maximum", "", "LessThanOrEqualToThreshold", 0},
		} {
			dimensions := []m{{"Name": "VpnId", "Value": vpn}}
			if x.ip != "" {
				dimensions = append(dimensions, m{"Name": "TunnelIpAddress", "Value": x.ip})
			}
			if diff := cdktest.Match(m{"Namespace": "AWS/VPN", "MetricName": "TunnelState", "Statistic": x.statistic, "Period": 300, "EvaluationPeriods": 1,
				"DatapointsToAlarm": 1, "ComparisonOperator": x.operator, "Threshold": x.threshold, "TreatMissingData": "breaching", "Dimensions": dimensions}, w.alarms[id]); diff != nil {
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
