package test

import (
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
