package test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/probe"
)

// gateConfig has a path with an objective, one that must be unreachable and one that nobody measures.
func gateConfig() *latencyprobe.Config {
	tcp := func(host string) *latencyprobe.Target {
		return &latencyprobe.Target{Kind: probe.KindTCP, Host: host, Port: 7007}
	}
	return &latencyprobe.Config{Schema: latencyprobe.ConfigSchema, Network: "shop",
		Vantages: []latencyprobe.Point{{Key: "app", Function: "shop-vantage-app", Region: seoul, AZID: "apne2-az1"},
			{Key: "far", Function: "shop-vantage-far", Region: tokyo, AZID: "apne1-az4"}},
		Paths: []latencyprobe.Path{
			{Name: "db", Measured: gate.ByVantage, Vantage: "app", Target: tcp("10.2.0.10"), Zone: "apne1-az1", SLO: "p90(connect) < 40ms and fail < 5%", Bound: 11000},
			{Name: "cut", Measured: gate.ByVantage, Vantage: "app", Target: tcp("10.3.0.10"), Expect: probe.ExpectNever},
			{Name: "plain", Measured: gate.ByReverse, Vantage: "far", Target: tcp("10.4.0.10")},
			{Name: "paper", Measured: gate.ByNobody, Note: "declared, not measured"}}}
}

const probeCode = "testdata/bootstrap-lambda"

func vantageProps(edit func(*latencyprobe.VantageProps)) *latencyprobe.VantageProps {
	p := &latencyprobe.VantageProps{FunctionName: "shop-vantage-app", Key: "app", Code: probeCode, Config: gateConfig(), ZoneID: "apne2-az1",
		SubnetId: new("subnet-0123456789abcdef0"), SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}}
	if edit != nil {
		edit(p)
	}
	return p
}

func gateProps(edit func(*latencyprobe.GateProps)) *latencyprobe.GateProps {
	p := &latencyprobe.GateProps{FunctionName: "shop-gate", Code: probeCode, Config: gateConfig(), BucketName: new("reports"), TopicArn: new("arn:aws:sns:ap-northeast-2:111122223333:t")}
	if edit != nil {
		edit(p)
	}
	return p
}

// actionsOf lists what the policies of a template's only role allow.
func actionsOf(tpl *cdktest.Template, role string) []string {
	var out []string
	for _, p := range tpl.Resources[role].Properties["Policies"].([]any) {
		for _, s := range p.(m)["PolicyDocument"].(m)["Statement"].([]any) {
			if statement := s.(m); statement["Effect"] == "Allow" {
				for _, a := range statement["Action"].([]any) {
					out = append(out, a.(string))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func permitted(list []gate.Permission, except ...string) []string {
	var out []string
	for _, p := range list {
		for _, a := range p.Actions {
			if !slices.Contains(except, a) {
				out = append(out, a)
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestVantage_MeasuresFromOneSubnetAndMayDoNothingElse(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewVantage(app.Stack("ops", seoul), "V", vantageProps(nil))
	tpl := app.Template(t, "ops")
	tpl.Has(t, "AWS::Lambda::Function", m{"FunctionName": "shop-vantage-app", "Handler": gate.HandlerVantage, "Runtime": "provided.al2023",
		"Architectures": []string{"arm64"}, "MemorySize": 512, "Timeout": 132,
		"VpcConfig": m{"SubnetIds": []string{"subnet-0123456789abcdef0"}, "SecurityGroupIds": []string{"sg-0123456789abcdef0"}},
		"Environment": m{"Variables": m{gate.EnvVantage: "app", gate.EnvAZID: "apne2-az1", gate.EnvAllow: "tcp://10.2.0.10:7007 tcp://10.3.0.10:7007",
			gate.EnvBucket: cdktest.Absent}},
		"LoggingConfig": m{"LogFormat": "JSON", "LogGroup": cdktest.Ref(logical("V/Log"))}})
	if got, want := actionsOf(tpl, logical("V/Role")), permitted(gate.VantagePermissions()); !slices.Equal(got, want) {
		t.Errorf("the role allows %v, want %v", got, want)
	}
	role, _ := json.Marshal(tpl.Resources[logical("V/Role")].Properties)
	if text := string(role); !strings.Contains(text, `"Effect":"Deny"`) || !strings.Contains(text, `"lambda:SourceFunctionArn":{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:shop-vantage-app"}`) {
		t.Errorf("the function's own code may manage network interfaces: %s", text)
	}
}

func TestGate_MayAskItsVantagesAndStoreReports(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewGate(app.Stack("ops", seoul), "G", gateProps(nil))
	tpl := app.Template(t, "ops")
	tpl.Has(t, "AWS::Lambda::Function", m{"FunctionName": "shop-gate", "Handler": gate.HandlerGate, "VpcConfig": cdktest.Absent, "Timeout": 780,
		"Environment": m{"Variables": m{gate.EnvBucket: "reports"}}})
	// The report bucket has no key of the customer's.
	want := permitted(gate.GatePermissions(), "kms:GenerateDataKey", "kms:Decrypt")
	if got := actionsOf(tpl, logical("G/Role")); !slices.Equal(got, want) {
		t.Errorf("the role allows %v, want %v", got, want)
	}
	arn := func(region, name string) m {
		return m{"Fn::Sub": "arn:${AWS::Partition}:lambda:" + region + ":${AWS::AccountId}:function:" + name}
	}
	join := func(parts ...any) m { return m{"Fn::Join": []any{"", parts}} }
	tpl.Has(t, "AWS::IAM::Role", m{"Policies": []m{{"PolicyDocument": m{"Statement": []m{
		{"Action": []string{"logs:CreateLogStream", "logs:PutLogEvents"}, "Resource": []any{cdktest.GetAtt(logical("G/Log"), "Arn")}},
		{"Action": []string{"s3:PutObject", "s3:GetObject"}, "Resource": []any{join("arn:", cdktest.Ref("AWS::Partition"), ":s3:::", "reports", "/reports/*")}},
		{"Action": []string{"cloudformation:DescribeStacks"}, "Resource": cdktest.Any},
		{"Action": []string{"codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"}, "Resource": []any{"*"}},
		{"Action": []string{"lambda:InvokeFunction"}, "Resource": []any{arn(seoul, "shop-vantage-app"), arn(tokyo, "shop-vantage-far")}},
	}}}}})
}

func TestGate_MeasuresWhenWhatItWatchesChanges(t *testing.T) {
	key := func(edit func(*latencyprobe.GateProps)) (string, *cdktest.Template) {
		app := cdktest.NewApp(t)
		latencyprobe.NewGate(app.Stack("ops", seoul), "G", gateProps(edit))
		tpl := app.Template(t, "ops")
		run := tpl.Resource(t, logical("G/Run"), gate.ResourceType)
		return run.Properties[gate.RunKeyProperty].(string), tpl
	}
	first, tpl := key(nil)
	tpl.Has(t, gate.ResourceType, m{"ServiceToken": cdktest.GetAtt(logical("G/Function"), "Arn"), "ServiceTimeout": 840})
	if again, _ := key(nil); again != first {
		t.Errorf("the same configuration has the run keys %s and %s", first, again)
	}
	for name, edit := range map[string]func(*latencyprobe.GateProps){
		"an objective":     func(p *latencyprobe.GateProps) { p.Config.Paths[0].SLO = "p90(connect) < 41ms" },
		"what it watches":  func(p *latencyprobe.GateProps) { p.Config.Watched = "changed" },
		"where to measure": func(p *latencyprobe.GateProps) { p.Config.Vantages[0].AZID = "apne2-az2" },
		"number of probes": func(p *latencyprobe.GateProps) { p.Config.Run.Count = 200 },
		"what is compared": func(p *latencyprobe.GateProps) {
			p.Config.Objectives = []string{"p50(db.connect) < p50(plain.connect)"}
		},
		"what it must not ": func(p *latencyprobe.GateProps) { p.Config.Paths[1].Expect = probe.ExpectAnswer },
	} {
		if changed, _ := key(edit); changed == first {
			t.Errorf("%s changes, the run key does not", name)
		}
	}
	if unchanged, _ := key(func(p *latencyprobe.GateProps) { p.TopicArn = nil }); unchanged != first {
		t.Error("another topic changes the run key, though nothing of it is measured")
	}
}

func TestGate_RunWaitsForWhatItMeasures(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("ops", seoul)
	v := latencyprobe.NewVantage(s, "V", vantageProps(nil))
	latencyprobe.NewGate(s, "G", gateProps(func(p *latencyprobe.GateProps) { p.DependsOn, p.Every = []constructs.IDependable{v}, 5*time.Minute }))
	tpl := app.Template(t, "ops")
	tpl.DependsOnAll(t, logical("G/Run"), logical("V/Function"))
	tpl.DependsOnAll(t, logical("G/Schedule"), logical("G/Run"))
	tpl.Has(t, "AWS::Events::Rule", m{"ScheduleExpression": "rate(5 minutes)", "Targets": []m{{"Arn": cdktest.GetAtt(logical("G/Function"), "Arn")}}})
	tpl.Has(t, "AWS::Lambda::Permission", m{"Principal": "events.amazonaws.com", "SourceArn": cdktest.GetAtt(logical("G/Schedule"), "Arn")})
}

// TestGate_Alarms asserts that a path's alarms look at the metrics that the gate writes, that a path which is no longer measured
// alarms, and that one that nobody measures has none.
func TestGate_Alarms(t *testing.T) {
	app := cdktest.NewApp(t)
	for id, every := range map[string]time.Duration{"never": 0, "often": 5 * time.Minute, "daily": 24 * time.Hour} {
		latencyprobe.NewGate(app.Stack(id, seoul), "G", gateProps(func(p *latencyprobe.GateProps) { p.Every = every }))
	}
	tpl := app.Template(t, "often")
	tpl.Count(t, "AWS::CloudWatch::Alarm", 5)
	for _, id := range tpl.ByType("AWS::CloudWatch::Alarm") {
		tpl.DependsOnAll(t, id, logical("G/Run"))
	}
	dimensions := []m{{"Name": "Network", "Value": "shop"}, {"Name": "Path", "Value": "db"}, {"Name": "SourceAzId", "Value": "apne2-az1"}, {"Name": "TargetAzId", "Value": "apne1-az1"}}
	topic := []string{"arn:aws:sns:ap-northeast-2:111122223333:t"}
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"Namespace": gate.Namespace, "MetricName": "FailurePercent", "Dimensions": dimensions, "Statistic": "Minimum", "Threshold": 100,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Period": 420, "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "TreatMissingData": "ignore",
		"AlarmActions": topic, "OKActions": topic})
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"MetricName": "SloPass", "Dimensions": dimensions, "Statistic": "Maximum", "Threshold": 0.5,
		"ComparisonOperator": "LessThanThreshold", "AlarmDescription": "Path db of shop misses its objective p90(connect) < 40ms and fail < 5%"})
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"MetricName": "SloPass", "AlarmDescription": "Path cut of shop has to be unreachable and is not"})
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"Namespace": gate.Namespace, "MetricName": "PathsUnproven", "Dimensions": []m{{"Name": "Network", "Value": "shop"}},
		"Statistic": "Minimum", "Threshold": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Period": 420, "EvaluationPeriods": 3,
		"DatapointsToAlarm": 3, "TreatMissingData": "breaching", "AlarmActions": topic})
	tpl = app.Template(t, "never")
	for _, id := range tpl.ByType("AWS::CloudWatch::Alarm") {
		if p := tpl.Resources[id].Properties; p["TreatMissingData"] != "ignore" || p["EvaluationPeriods"] != 1.0 {
			t.Errorf("without a schedule: %s has %v", id, p)
		}
	}
	tpl = app.Template(t, "daily")
	if p := tpl.Resources[tpl.ByType("AWS::CloudWatch::Alarm")[0]].Properties; p["Period"] != 86400.0 || p["EvaluationPeriods"] != 1.0 || p["TreatMissingData"] != "ignore" {
		t.Errorf("once a day: got %v; CloudWatch looks back a day", p)
	}
}

func TestGate_DashboardShowsEveryPath(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewGate(app.Stack("ops", seoul), "G", gateProps(nil))
	r := app.Template(t, "ops").Resource(t, logical("G/Dashboard"), "AWS::CloudWatch::Dashboard")
	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Title, Region, Markdown string
				Metrics                 [][]any
				Annotations             struct {
					Horizontal []struct {
						Label string
						Value float64
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.Properties["DashboardBody"].(string)), &body); err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, w := range body.Widgets {
		titles = append(titles, w.Properties.Title)
		if w.Type == "metric" && w.Properties.Region != seoul {
			t.Errorf("%s reads metrics of %q, the gate writes them in %s", w.Properties.Title, w.Properties.Region, seoul)
		}
	}
	want := []string{"Verdicts on paths", "db: connect, p50 and p90", "db: lost probes", "cut: has to be unreachable (1: it is)", "cut: lost probes",
		"plain: connect, p50 and p90", "plain: lost probes", ""}
	if !slices.Equal(titles, want) {
		t.Errorf("got widgets %q\nwant %q", titles, want)
	}
	lines := body.Widgets[1].Properties.Annotations.Horizontal
	if len(lines) != 2 || lines[0].Value != 40000 || lines[1].Value != 11000 {
		t.Errorf("the lines of db are %v, want its objective at 40000 us and the bound at 11000 us", lines)
	}
	if last := body.Widgets[len(body.Widgets)-1]; !strings.Contains(last.Properties.Markdown, "**paper**: declared, not measured") {
		t.Errorf("what is not measured does not stand there: %q", last.Properties.Markdown)
	}
}

// Paths that belong together are in one graph, with their names.
func TestGate_DashboardShowsPathsBesideEachOther(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewGate(app.Stack("ops", seoul), "G", gateProps(func(p *latencyprobe.GateProps) {
		p.Beside = []latencyprobe.BesideProps{{Title: "Zones of foo", Paths: []string{"db", "plain"}}}
	}))
	var body struct{ Widgets []m }
	text := app.Template(t, "ops").Resource(t, logical("G/Dashboard"), "AWS::CloudWatch::Dashboard").Properties["DashboardBody"].(string)
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	ends := map[string][]any{"db": {"Network", "shop", "Path", "db", "SourceAzId", "apne2-az1", "TargetAzId", "apne1-az1"},
		"plain": {"Network", "shop", "Path", "plain", "SourceAzId", "apne1-az4", "TargetAzId", "none"}}
	metric := func(name, path, statistic string) []any {
		return append(append([]any{"Pathproof", name}, ends[path]...), m{"stat": statistic, "label": path})
	}
	for i, want := range []m{{"x": 0, "y": 6, "properties": m{"title": "Zones of foo: connect, p99", "metrics": []any{metric("ConnectRtt", "db", "p99"), metric("ConnectRtt", "plain", "p99")}}},
		{"x": 12, "y": 6, "properties": m{"title": "Zones of foo: lost probes", "metrics": []any{metric("FailurePercent", "db", "Average"), metric("FailurePercent", "plain", "Average")}}},
		{"x": 0, "y": 12, "properties": m{"title": "db: connect, p50 and p90"}}} {
		if diff := cdktest.Match(want, body.Widgets[i+1]); diff != nil {
			t.Errorf("widget %d: %s", i+1, diff)
		}
	}
}

func TestReportBucket_StaysAndIsPrivate(t *testing.T) {
	app := cdktest.NewApp(t)
	latencyprobe.NewReportBucket(app.Stack("net", seoul), "Reports", &latencyprobe.ReportBucketProps{ExpireDays: 30})
	tpl := app.Template(t, "net")
	r := tpl.Resource(t, logical("Reports/Resource"), "AWS::S3::Bucket")
	if r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
		t.Errorf("policies %q and %q, want RetainExceptOnCreate and Retain", r.DeletionPolicy, r.UpdateReplacePolicy)
	}
	all := m{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}
	tpl.Has(t, "AWS::S3::Bucket", m{"PublicAccessBlockConfiguration": all, "BucketEncryption": cdktest.Any,
		"LifecycleConfiguration": m{"Rules": []m{{"ExpirationInDays": 30, "Status": "Enabled"}}}})
	tpl.Has(t, "AWS::S3::BucketPolicy", m{"PolicyDocument": m{"Statement": []m{{"Effect": "Deny", "Condition": m{"Bool": m{"aws:SecureTransport": "false"}}}}}})
}

func TestLatencyprobe_Validate(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"vantage, empty": {latencyprobe.VantageProps{}.Validate(), []string{"functionName: ", "code: missing", "config: missing", "subnetId: missing", "securityGroupIds: want 1 to 5, got 0"}},
		"vantage, other key": {vantageProps(func(p *latencyprobe.VantageProps) { p.Key = "nowhere" }).Validate(),
			[]string{`key: not in the configuration's vantages, got "nowhere"`}},
		"vantage, other name": {vantageProps(func(p *latencyprobe.VantageProps) { p.FunctionName = "other" }).Validate(), []string{`calls "shop-vantage-app" for app, got "other"`}},
		"vantage, other zone": {vantageProps(func(p *latencyprobe.VantageProps) { p.ZoneID = "apne2-az3" }).Validate(), []string{`zoneId: the configuration says "apne2-az1"`}},
		"vantage, memory":     {vantageProps(func(p *latencyprobe.VantageProps) { p.MemoryMiB = 64 }).Validate(), []string{"memoryMiB: out of range, got 64"}},
		"gate, empty":         {latencyprobe.GateProps{}.Validate(), []string{"functionName: ", "code: missing", "config: missing", "bucketName: missing"}},
		"gate, every":         {gateProps(func(p *latencyprobe.GateProps) { p.Every = 90 * time.Second }).Validate(), []string{"every: not in whole minutes"}},
		"gate, beside": {gateProps(func(p *latencyprobe.GateProps) { p.Beside = []latencyprobe.BesideProps{{Paths: []string{"paper"}}} }).Validate(),
			[]string{"beside[0].title: missing", "beside[0].paths: want 2 or more, got 1", `beside[0].paths: not a path that the gate measures, got "paper"`}},
		"gate, objective": {gateProps(func(p *latencyprobe.GateProps) { p.Config.Paths[0].SLO = "p99(connect) < 1ms" }).Validate(), []string{"299"}},
		"bucket":          {latencyprobe.ReportBucketProps{ExpireDays: -1}.Validate(), []string{"expireDays: out of range, got -1"}},
	} {
		for _, want := range c.want {
			if c.err == nil || !strings.Contains(c.err.Error(), want) {
				t.Errorf("%s: got %v, want %q", name, c.err, want)
			}
		}
	}
}
