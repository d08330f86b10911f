package gate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

const small = `{"schema": "pathproof/gate/v1", "network": "n",
  "vantages": [{"key": "v", "function": "${Prefix}-vantage", "region": "us-west-2", "az_id": "usw2-az1"}],
  "paths": [{"name": "a", "measured": "lambda", "vantage": "v", "target": {"kind": "tcp", "host": "${Host}", "port": 7007},
    "slo": "p90(connect) < 20ms", "ready": {}}],
  "run": {}, "policy": {}}`

func TestLoad_DefaultsAndPlaceholders(t *testing.T) {
	c, err := Load([]byte(small), `{"Prefix": "ref", "Host": "10.0.0.7"}`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Vantages[0].Function != "ref-vantage" || c.Paths[0].Target.Host != "10.0.0.7" {
		t.Errorf("got %+v, %+v", c.Vantages[0], c.Paths[0].Target)
	}
	if r := c.Run; r.Count != 100 || r.ScheduledCount != 100 || r.Warmup != 3 || r.Interval.Duration() != 50*time.Millisecond ||
		r.Timeout.Duration() != 3*time.Second || r.InFlight != 4 || r.Wait.Duration() != 5*time.Minute || r.Budget.Duration() != 12*time.Minute {
		t.Errorf("got %+v", r)
	}
	if p := c.Policy; p.OnDeploy != ActReport || p.Pipeline != ActFail || p.Inconclusive != ActReport || p.Confidence != 0.95 {
		t.Errorf("got %+v", p)
	}
	if r := c.Paths[0].Ready; r.Within.Duration() != 10*time.Minute || r.Consecutive != 3 || r.Poll.Duration() != 5*time.Second {
		t.Errorf("got %+v", r)
	}
	if got := c.VantageTimeout(); got < 100*time.Second || got > 3*time.Minute {
		t.Errorf("vantages need %s", got)
	}
	c.Run.Timeout = 1000
	if got := c.VantageTimeout(); got < 100*time.Second {
		t.Errorf("vantages that wait for paths need %s", got)
	}
	if got := c.GateTimeout(); got != 13*time.Minute {
		t.Errorf("the gate needs %s", got)
	}
}

func TestLoad_Refuses(t *testing.T) {
	values := `{"Prefix": "ref", "Host": "10.0.0.7"}`
	for name, c := range map[string]struct{ document, values, want string }{
		"not JSON":       {`{`, "", "gate.json: not JSON"},
		"unknown field":  {`{"schema": "pathproof/gate/v1", "networks": "n"}`, "", `unknown field "networks"`},
		"no values":      {small, "", "no value for ${Host}, ${Prefix}"},
		"values no JSON": {small, "Host=x", "PATHPROOF_VALUES: not a JSON object of strings"},
		"other schema":   {strings.Replace(small, "gate/v1", "gate/v9", 1), values, `schema: got "pathproof/gate/v9"`},
	} {
		if _, err := Load([]byte(c.document), c.values); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestRunKey(t *testing.T) {
	a, b := twoVantages(), twoVantages()
	b.Watched = "another template"
	key := func(c *Config) string {
		document, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return RunKey(document)
	}
	if key(a) != key(twoVantages()) || key(a) == key(b) || len(key(a)) != 32 {
		t.Errorf("got %s and %s", key(a), key(b))
	}
}

func TestSelect(t *testing.T) {
	c := twoVantages()
	c.Objectives = []string{"p50(idc.connect) < p50(peering.connect)", "p50(idc.connect) < p50(back.connect)"}
	c = loaded(t, c)
	got, err := c.Select([]string{"peering", "idc"})
	if err != nil || len(got.Paths) != 2 || len(got.Comparisons) != 1 || len(got.Objectives) != 1 || got.Paths[0].Name != "idc" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = c.Select([]string{"back"}); err != nil || len(got.Paths) != 1 || len(got.Comparisons)+len(got.Objectives) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = c.Select(nil); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err = c.Select([]string{"back", "nix"}); err == nil || !strings.Contains(err.Error(), `unknown path, got "nix"`) {
		t.Errorf("got %v", err)
	}
	if len(c.Paths) != 6 {
		t.Error("the document lost paths")
	}
}

func TestFor_Schedule(t *testing.T) {
	c := twoVantages()
	c.Run.ScheduledCount = 30
	c = loaded(t, c)
	for caller, count := range map[Caller]int{BySchedule: 30, ByDirect: 100, ByCloudFormation: 100, ByCodePipeline: 100} {
		if got, err := c.For(&Event{Caller: caller}, nil); err != nil || got.Run.Count != count {
			t.Errorf("%s: got %+v, %v", caller, got.Run, err)
		}
	}
	if got, err := c.For(&Event{Caller: ByCodePipeline}, []string{"idc"}); err != nil || len(got.Paths) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"network":           {func(c *Config) { c.Network = "a/b" }, `network: not a name, got "a/b"`},
		"vantage twice":     {func(c *Config) { c.Vantages[1].Key = c.Vantages[0].Key }, "vantages need different names"},
		"no function":       {func(c *Config) { c.Vantages[0].Function = "" }, "function and region are required"},
		"no paths":          {func(c *Config) { c.Paths, c.Comparisons = nil, nil }, "paths: none"},
		"path twice":        {func(c *Config) { c.Paths[1].Name = "idc" }, `paths need different names, got "idc"`},
		"measured":          {func(c *Config) { c.Paths[0].Measured = "magic" }, `measured: unknown value, got "magic"`},
		"vantage of nobody": {func(c *Config) { c.Paths[5].Vantage = "seoul/app/apne2-az1" }, "measured by none, yet it has the vantage"},
		"vantage unknown":   {func(c *Config) { c.Paths[0].Vantage = "nix" }, `vantage: unknown, got "nix"`},
		"no target":         {func(c *Config) { c.Paths[2].Target = nil }, "path back: no target"},
		"no host":           {func(c *Config) { c.Paths[0].Target.Host = "" }, "target: no host"},
		"no port":           {func(c *Config) { c.Paths[0].Target.Port = 0 }, "no port"},
		"icmp":              {func(c *Config) { c.Paths[0].Target.Kind = probe.KindICMP }, "Lambda functions cannot send ICMP"},
		"kind":              {func(c *Config) { c.Paths[0].Target.Kind = "smoke" }, `unknown kind, got "smoke"`},
		"dns question":      {func(c *Config) { c.Paths[0].Target.Kind = probe.KindDNS }, "dns is for kind dns only and required there"},
		"http for tcp":      {func(c *Config) { c.Paths[0].Target.HTTP = &HTTP{} }, "http is for kind http only"},
		"phase":             {func(c *Config) { c.Paths[0].Phase = probe.PhaseTLS }, `phase: not one of tcp, got "tls"`},
		"expect":            {func(c *Config) { c.Paths[0].Expect = "maybe" }, `expect: unknown value, got "maybe"`},
		"ready and expect":  {func(c *Config) { c.Paths[3].Ready = &Ready{} }, "nothing to wait for and no objective"},
		"flows":             {func(c *Config) { c.Paths[0].Flows = 5000 }, "flows are 0 to 1024"},
		"count":             {func(c *Config) { c.Run.Count = -1 }, "count and in_flight are at least 1"},
		"too long":          {func(c *Config) { c.Run.Timeout = 30_000_000 }, "a measurement may take 5m0s when nothing answers"},
		"too much":          {func(c *Config) { c.Run.Count, c.Run.Timeout = 30_000, 1000 }, "has to return 60006 samples"},
		"budget":            {func(c *Config) { c.Run.Budget = 1_000_000 }, "run.budget_us: measuring alone may take"},
		"action":            {func(c *Config) { c.Policy.Pipeline = "warn" }, `policy.pipeline: unknown value, got "warn"`},
		"mode":              {func(c *Config) { c.Policy.Latency = "soft" }, `unknown way to judge, got "soft"`},
		"confidence":        {func(c *Config) { c.Policy.Confidence = 95 }, "policy.confidence: got 95"},
		"fails nothing":     {func(c *Config) { c.Policy.OnDeploy = ActFail; c.Paths[1].InStack = false }, "policy.on_deploy: fail has no effect"},
		"compares one":      {func(c *Config) { c.Comparisons[0].Paths = []string{"idc"} }, "name at least two"},
		"compares unknown":  {func(c *Config) { c.Comparisons[0].Paths[1] = "nix" }, `comparisons[0]: unknown path, got "nix"`},
		"compares itself":   {func(c *Config) { c.Comparisons[0].Paths[1] = "idc" }, "names path idc twice"},
		"compares no phase": {func(c *Config) { c.Comparisons[0].Phase = probe.PhaseWait }, `phase: not one of path idc, got "wait"`},
		"margin":            {func(c *Config) { c.Comparisons[0].Margin = -1 }, "margins are not negative"},
		"objective":         {func(c *Config) { c.Paths[0].SLO = "p90(connect) < fast" }, "path idc.slo"},
		"objective's phase": {func(c *Config) { c.Paths[0].SLO = "p90(wait) < 15ms" }, "no such phase of idc"},
		"undersampled":      {func(c *Config) { c.Paths[0].SLO = "p99(connect) < 15ms" }, "plan n=299 or more"},
		"compares bare":     {func(c *Config) { c.Objectives = []string{"p50(connect) < 1ms"} }, "objectives[0]"},
		"http path": {func(c *Config) {
			c.Paths[2].Target = &Target{Kind: probe.KindHTTP, Host: "h", Port: 80, HTTP: &HTTP{Path: "//evil/"}}
		}, "no path, got \"//evil/\""},
		"unknown dns record": {func(c *Config) { c.Paths[2].Target = &Target{Kind: probe.KindDNS, Host: "h"} }, "dns is for kind dns only and required there"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := twoVantages()
			c.change(cfg)
			cfg.setDefaults()
			if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	cfg := twoVantages()
	cfg.Network, cfg.Policy.Confidence, cfg.Paths[0].Name = "", 2, ""
	cfg.setDefaults()
	if err := cfg.Check(); err == nil || strings.Count(err.Error(), "\n") < 2 {
		t.Errorf("not all problems at once: %v", err)
	}
}
