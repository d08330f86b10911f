package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/topology"
)

// measurement sets what the plan says of vantages, alarms and the gate. In the emulation every address refuses connections, so
// every path fails: one that has to work does not, and one that must be unreachable is answered. The deployment has to
// succeed all the same (docs/adr/0005).
func (w *wanted) measurement() {
	m := w.d.plan.Measurement
	if m == nil {
		return
	}
	for _, v := range m.Vantages {
		n := w.d.plan.Network(v.Network)
		var groups []any
		for _, host := range v.Groups() {
			title := n.Name
			if host != "" {
				title += "-" + host
			}
			groups = append(groups, w.id("", "network/"+n.Key+"/securityGroup/"+title))
		}
		subnet := w.id(w.d.plan.SubnetOf(v).ID, "network/"+n.Key+"/subnet/"+v.Tier+"-"+v.ZoneID)
		w.set("vantage/"+v.Key, "VpcConfig", textOf(map[string]any{"SecurityGroupIds": groups, "SubnetIds": []any{subnet}}),
			"Zone", v.ZoneID, "Zone that it tells", v.ZoneID, "MemorySize", fmt.Sprint(m.Memory))
	}
	var verdicts []string
	unresolved := w.d.unresolved(w.t)
	for _, p := range w.d.plan.Paths {
		verdicts = append(verdicts, p.Name+" "+string(verdictOnNothing(p)))
		w.set("path/"+p.Name+"/alarm/objective", "Metric", "written by the gate")
		failures := "written by the gate"
		if unresolved[p.Name] { // nothing was sent, so nothing failed
			failures = "not written by the gate"
		}
		w.set("path/"+p.Name+"/alarm/down", "Metric", failures)
	}
	for _, st := range w.d.stacks {
		for logical, r := range st.resources {
			if r.typ == gate.ResourceType {
				w.set("gate/run", gate.RunKeyProperty, plainText(st.template.Resources[logical].Properties[gate.RunKeyProperty]))
			}
		}
	}
	w.set("gate/run", "Verdict", string(gate.Fail), "Paths", join(verdicts...), "Vantages", fmt.Sprint(len(m.Vantages), " that measured"))
}

// verdictOnNothing is what a vantage finds that is refused everywhere.
func verdictOnNothing(p *topology.Path) gate.Verdict {
	if p.At == "" {
		return gate.NotMeasured
	}
	return gate.Fail
}

// gateAnswer is the gate's last answer to CloudFormation.
func (d *deployed) gateAnswer(t *testing.T) map[string]any {
	t.Helper()
	answers := d.server.events(t, "custom resource")
	answers = slices.DeleteFunc(answers, func(e map[string]any) bool { return e["type"] != gate.ResourceType || e["request"] == "Delete" })
	if len(answers) == 0 {
		return nil
	}
	data, _ := answers[len(answers)-1]["data"].(map[string]any)
	return data
}

// unresolved are the paths whose target is a name: the functions' network has no resolver, so nothing was sent to them.
func (d *deployed) unresolved(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	object, ok := strings.CutPrefix(plainText(d.gateAnswer(t)["Report"]), "s3://")
	if !ok {
		return out // readGate says so
	}
	var r gate.Report
	decode(t, d.server.rest(t, "s3", d.plan.Measurement.Home.Region, "/"+object), &r)
	for _, v := range r.Paths {
		out[v.Name] = strings.HasPrefix(v.Reason, "not measured: resolve: lookup ")
	}
	return out
}

// readGate reads the attributes of the gate's answer, which no API tells, and the report that it stored.
func readGate(t *testing.T, d *deployed, region, _ string) properties {
	data := d.gateAnswer(t)
	if data == nil {
		return nil
	}
	p := properties{}
	for name, value := range data {
		p[name] = plainText(value)
	}
	object, ok := strings.CutPrefix(p["Report"], "s3://")
	if !ok {
		t.Errorf("the gate stored no report: %v", data)
		return p
	}
	var r gate.Report
	decode(t, d.server.rest(t, "s3", region, "/"+object), &r)
	if string(r.Verdict) != p["Verdict"] || r.RunKey != p["RunKey"] || r.Caller != gate.ByCloudFormation {
		t.Errorf("the stored report is not the answer's: verdict %s, run key %s, caller %s; the answer: %v", r.Verdict, r.RunKey, r.Caller, data)
	}
	var verdicts []string
	for _, v := range r.Paths {
		verdicts = append(verdicts, v.Name+" "+string(v.Verdict))
		t.Logf("gate: %s %s: %s", v.Verdict, v.Name, v.Reason)
	}
	measured := 0
	for _, v := range r.Vantages {
		if v.Error == "" {
			measured++
		}
	}
	p["Paths"], p["Vantages"] = join(verdicts...), fmt.Sprint(measured, " that measured")
	return p
}

func readAlarm(t *testing.T, d *deployed, region, id string) properties {
	var out struct{ MetricAlarms []map[string]any }
	d.server.json11(t, "monitoring", region, "GraniteServiceVersion20100801.DescribeAlarms", map[string]any{"AlarmNames": []string{id}}, &out)
	if len(out.MetricAlarms) != 1 {
		return nil
	}
	p := textsOf(withoutNulls(out.MetricAlarms[0]).(map[string]any))
	p["Metric"] = "not written by the gate"
	if d.metrics(t)[metric(p["Namespace"], p["MetricName"], p["Dimensions"])] {
		p["Metric"] = "written by the gate"
	}
	return p
}

func metric(namespace, name, dimensions string) string {
	return namespace + " " + name + " " + dimensions
}

// metrics are those that the gate wrote to its log, from which CloudWatch makes them.
func (d *deployed) metrics(t *testing.T) map[string]bool {
	t.Helper()
	if d.written != nil {
		return d.written
	}
	d.written = map[string]bool{}
	m := d.plan.Measurement
	var function struct{ LoggingConfig struct{ LogGroup string } }
	decode(t, d.server.rest(t, "lambda", m.Home.Region, "/2015-03-31/functions/"+m.Function+"/configuration"), &function)
	var log struct{ Events []struct{ Message string } }
	d.server.json11(t, "logs", m.Home.Region, "Logs_20140328.FilterLogEvents", map[string]any{"logGroupName": function.LoggingConfig.LogGroup}, &log)
	for _, e := range log.Events {
		d.embedded(e.Message)
	}
	return d.written
}

// embedded notes the metrics of a line in the embedded metric format; other lines have none.
func (d *deployed) embedded(line string) {
	var e struct {
		AWS struct {
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name string }
			}
		} `json:"_aws"`
	}
	var values map[string]any
	if json.Unmarshal([]byte(line), &e) != nil || json.Unmarshal([]byte(line), &values) != nil {
		return
	}
	for _, directive := range e.AWS.CloudWatchMetrics {
		for _, names := range directive.Dimensions {
			var dimensions []any
			for _, name := range names {
				dimensions = append(dimensions, map[string]any{"Name": name, "Value": values[name]})
			}
			for _, x := range directive.Metrics {
				d.written[metric(directive.Namespace, x.Name, textOf(dimensions))] = true
			}
		}
	}
}

func readDashboard(t *testing.T, d *deployed, region, id string) properties {
	var out map[string]any
	d.server.json11(t, "monitoring", region, "GraniteServiceVersion20100801.GetDashboard", map[string]any{"DashboardName": id}, &out)
	return textsOf(out)
}

func readRule(t *testing.T, d *deployed, region, id string) properties {
	var rule, targets map[string]any
	d.server.json11(t, "events", region, "AWSEvents.DescribeRule", map[string]any{"Name": id}, &rule)
	d.server.json11(t, "events", region, "AWSEvents.ListTargetsByRule", map[string]any{"Rule": id}, &targets)
	p := textsOf(rule)
	p["Targets"] = textOf(targets["Targets"])
	if pattern, ok := rule["EventPattern"].(string); ok { // a text of JSON
		var value any
		decode(t, []byte(pattern), &value)
		p["EventPattern"] = textOf(value)
	}
	return p
}

// withoutNulls is an answer without what moto writes of what nobody gave.
func withoutNulls(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = withoutNulls(v[i])
		}
	case map[string]any:
		for name := range v {
			if v[name] == nil {
				delete(v, name)
			} else {
				v[name] = withoutNulls(v[name])
			}
		}
	}
	return value
}

func readMetricFilter(t *testing.T, d *deployed, region, id string) properties {
	var out struct {
		MetricFilters []struct {
			FilterName, FilterPattern, LogGroupName string
			MetricTransformations                   []struct {
				MetricName, MetricNamespace, MetricValue, Unit string
				Dimensions                                     map[string]string
			}
		}
	}
	d.server.json11(t, "logs", region, "Logs_20140328.DescribeMetricFilters", map[string]any{"filterNamePrefix": id}, &out)
	for _, f := range out.MetricFilters {
		if f.FilterName != id {
			continue
		}
		var transformations []any
		for _, x := range f.MetricTransformations {
			m := map[string]any{"MetricName": x.MetricName, "MetricNamespace": x.MetricNamespace, "MetricValue": x.MetricValue, "Unit": x.Unit}
			var dimensions []any
			for key, value := range x.Dimensions {
				dimensions = append(dimensions, map[string]any{"Key": key, "Value": value})
			}
			if len(dimensions) > 0 {
				m["Dimensions"] = dimensions
			}
			transformations = append(transformations, m)
		}
		return properties{"FilterPattern": f.FilterPattern, "LogGroupName": f.LogGroupName, "MetricTransformations": textOf(transformations)}
	}
	return nil
}

// readSlackChannel reads what the emulation was given last: moto has no API for chat applications.
func readSlackChannel(t *testing.T, d *deployed, _, id string) properties {
	var last map[string]any
	for _, e := range d.server.events(t, "slack channel") {
		if e["id"] == id {
			last, _ = e["properties"].(map[string]any)
		}
	}
	if last == nil {
		return nil
	}
	return textsOf(last)
}

// readPermission finds a statement among those of the Region's functions.
func readPermission(t *testing.T, d *deployed, region, id string) properties {
	var functions struct {
		Functions []struct{ FunctionName string }
	}
	decode(t, d.server.rest(t, "lambda", region, "/2015-03-31/functions/"), &functions)
	for _, f := range functions.Functions {
		answer, err := d.server.call("lambda", region, "GET", "/2015-03-31/functions/"+f.FunctionName+"/policy", nil, "")
		if err != nil { // it has none
			continue
		}
		var out struct{ Policy string }
		decode(t, answer, &out)
		var policy struct {
			Statement []struct {
				Sid, Effect, Action string
				Principal           struct{ Service string }
				Condition           struct{ ArnLike map[string]string }
			}
		}
		decode(t, []byte(out.Policy), &policy)
		for _, s := range policy.Statement {
			if s.Sid == id && s.Effect == "Allow" {
				return properties{"FunctionName": f.FunctionName, "Action": s.Action, "Principal": s.Principal.Service, "SourceArn": s.Condition.ArnLike["AWS:SourceArn"]}
			}
		}
	}
	return nil
}
