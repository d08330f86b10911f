package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// echoServer is a target on the loopback interface; its port.
func echoServer(t testing.TB) int {
	t.Helper()
	s, err := probe.Listen(probe.ServerConfig{TCP: "127.0.0.1:0", AZID: "usw2-az1", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return int(s.TCPAddr().Port())
}

func local(kind probe.Kind, port int) gate.Target {
	return gate.Target{Kind: kind, Host: "127.0.0.1", Port: uint16(port)}
}

// measureRequest asks for few probes in a short time.
func measureRequest(paths ...gate.PathRequest) gate.VantageRequest {
	return gate.VantageRequest{
		Schema: gate.VantageSchema, RunID: "run-1", Vantage: "v", Task: gate.Measure, Paths: paths,
		Count: 20, Warmup: 2, Interval: 1000, Timeout: 200_000, InFlight: 4, Seed: 7,
	}
}

// testVantage is a vantage that may probe what is allowed.
func testVantage(allow string, log *bytes.Buffer) *vantage {
	env := map[string]string{gate.EnvVantage: "v", gate.EnvAZID: "usw2-az1", gate.EnvAllow: allow, "AWS_REGION": oregon}
	return newVantage(func(k string) string { return env[k] }, lambdax.NewLogger(log))
}

func ask(t *testing.T, v *vantage, req gate.VantageRequest, limit time.Duration) (*gate.VantageResponse, *probe.Result) {
	t.Helper()
	raw, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	return askRaw(t, v, raw, limit)
}

func askRaw(t *testing.T, v *vantage, raw []byte, limit time.Duration) (*gate.VantageResponse, *probe.Result) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	answer, err := v.handle(ctx, raw)
	if err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Error("handle returned after Lambda's deadline")
	}
	if answer.Error != "" {
		return answer, nil
	}
	r, err := gate.UnpackResult(answer.Result)
	if err != nil {
		t.Fatal(err)
	}
	return answer, r
}

func TestVantage_Measures(t *testing.T) {
	port, closed := echoServer(t), lambdatest.FreePort(t)
	var log bytes.Buffer
	v := testVantage(fmt.Sprintf("tcp://127.0.0.1:%d tcp-echo://127.0.0.1:%d tcp://127.0.0.1:%d", port, port, closed), &log)
	req := measureRequest(
		gate.PathRequest{Name: "tcp", Target: local(probe.KindTCP, port)},
		gate.PathRequest{Name: "echo", Target: local(probe.KindTCPEcho, port), Flows: 4},
		gate.PathRequest{Name: "closed", Target: local(probe.KindTCP, closed)},
		gate.PathRequest{Name: "never", Target: local(probe.KindTCP, closed), Expect: probe.ExpectNever},
	)
	answer, r := ask(t, v, req, time.Minute)
	if answer.RunID != "run-1" || answer.Vantage != "v" || answer.AZID != "usw2-az1" || answer.SamplesDropped {
		t.Errorf("got %+v", answer)
	}
	if w := r.Vantage; w.Kind != "lambda" || w.Region != oregon || w.AZID != "usw2-az1" || !w.ColdStart {
		t.Errorf("got %+v", w)
	}
	if p := report.Find(r, "never"); p.Sent != gate.DefaultDenials || p.Warmup != 0 {
		t.Errorf("a path that must not work was tried %d times after %d, want %d", p.Sent, p.Warmup, gate.DefaultDenials)
	}
	for name, ok := range map[string]int{"tcp": 20, "echo": 20, "closed": 0} {
		if p := report.Find(r, name); p == nil || p.Sent != 20 || p.OK != ok || len(p.Samples) < 20 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if d := report.Find(r, "never").Denial; d == nil || !d.Held || d.Refused != gate.DefaultDenials {
		t.Errorf("got %+v", d)
	}
	if f := report.Find(r, "echo").Flows; f == nil || len(f.Flows) != 4 || f.Identity != probe.Observed {
		t.Errorf("got %+v", f)
	}

	again, _ := ask(t, v, req, time.Minute) // the same request, word for word
	if again != answer {
		t.Error("the same request was measured twice")
	}
	req.RunID = "run-2"
	if _, r := ask(t, v, req, time.Minute); r.RunID != "run-2" || r.Vantage.ColdStart {
		t.Errorf("got run %s, cold %t", r.RunID, r.Vantage.ColdStart)
	}
}

// A vantage is no port scanner: it does not even send a packet to what it may not probe, and says so path by path.
func TestVantage_ProbesOnlyWhatItMay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- struct{}{}
			_ = c.Close()
		}
	}()
	forbidden := local(probe.KindTCP, l.Addr().(*net.TCPAddr).Port)
	port := echoServer(t)
	var log bytes.Buffer
	v := testVantage(fmt.Sprintf("tcp://127.0.0.1:%d", port), &log)
	both := measureRequest(gate.PathRequest{Name: "good", Target: local(probe.KindTCP, port)}, gate.PathRequest{Name: "bad", Target: forbidden},
		gate.PathRequest{Name: "icmp", Target: gate.Target{Kind: probe.KindICMP, Host: "127.0.0.1", Port: uint16(port)}})
	_, r := ask(t, v, both, time.Minute)
	if p := report.Find(r, "good"); p == nil || p.OK != 20 {
		t.Errorf("good: %+v", p)
	}
	for name, words := range map[string]string{"bad": "not one that this vantage may probe", "icmp": "cannot send ICMP"} {
		if p := report.Find(r, name); p == nil || p.Failure == nil || p.Failure.Class != probe.Local || !strings.Contains(p.Failure.Detail, words) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	both.Task, both.RunID = gate.Await, "run-2"
	both.Paths[1].Ready = &gate.Ready{Within: 100_000, Poll: 1000}
	if _, r := ask(t, v, both, time.Minute); report.Find(r, "bad").Failure == nil {
		t.Error("it waits for what it may not probe")
	}
	_, r = ask(t, testVantage("", &log), measureRequest(gate.PathRequest{Name: "bad", Target: forbidden}), time.Minute)
	if p := report.Find(r, "bad"); p == nil || p.Failure == nil {
		t.Errorf("without a list: %+v", p)
	}
	if len(accepted) != 0 {
		t.Errorf("%d connections to a target that it may not probe", len(accepted))
	}
}

func TestVantage_Await(t *testing.T) {
	port, closed := echoServer(t), lambdatest.FreePort(t)
	var log bytes.Buffer
	v := testVantage(fmt.Sprintf("tcp://127.0.0.1:%d tcp-echo://127.0.0.1:%d tcp://127.0.0.1:%d", port, port, closed), &log)
	ready := &gate.Ready{Within: 300_000, Consecutive: 3, Poll: 20_000}
	req := measureRequest(gate.PathRequest{Name: "up", Target: local(probe.KindTCP, port), Ready: ready}, gate.PathRequest{Name: "down", Target: local(probe.KindTCP, closed), Ready: ready})
	req.Task = gate.Await
	_, r := ask(t, v, req, time.Minute)
	if p := report.Find(r, "up"); p.Ready == nil || !p.Ready.OK || p.Ready.Tries != 3 {
		t.Errorf("up: %+v", p.Ready)
	}
	if p := report.Find(r, "down"); p.Ready == nil || p.Ready.OK || p.Failure == nil || p.Ready.Tries < 2 {
		t.Errorf("down: %+v, %v", p.Ready, p.Failure)
	}
}

func TestVantage_Refuses(t *testing.T) {
	path := gate.PathRequest{Name: "p", Target: local(probe.KindTCP, 9)}
	for name, c := range map[string]struct {
		change func(*gate.VantageRequest)
		allow  string
		want   string
	}{
		"another vantage":  {func(r *gate.VantageRequest) { r.Vantage = "w" }, "tcp://127.0.0.1:9", `this is "v", the request is for "w"`},
		"another schema":   {func(r *gate.VantageRequest) { r.Schema = "x" }, "tcp://127.0.0.1:9", "deploy the gate and its vantages from the same version"},
		"another task":     {func(r *gate.VantageRequest) { r.Task = "scan" }, "tcp://127.0.0.1:9", `task: unknown, got "scan"`},
		"no paths":         {func(r *gate.VantageRequest) { r.Paths = nil }, "tcp://127.0.0.1:9", "paths: none"},
		"a broken list":    {func(*gate.VantageRequest) {}, "tcp://127.0.0.1", "PATHPROOF_TARGETS: no port"},
		"a bad plan":       {func(r *gate.VantageRequest) { r.Timeout = 1 }, "tcp://127.0.0.1:9", "probe plan: "},
		"a flood":          {func(r *gate.VantageRequest) { r.Count = gate.MaxAnswer }, "tcp://127.0.0.1:9", "count: "},
		"a huge count":     {func(r *gate.VantageRequest) { r.Count = 1 << 62 }, "tcp://127.0.0.1:9", "count: "},
		"many denials":     {func(r *gate.VantageRequest) { r.Denials = gate.MaxAnswer + 1 }, "tcp://127.0.0.1:9", "denials: "},
		"a long warmup":    {func(r *gate.VantageRequest) { r.Warmup = gate.MaxAnswer }, "tcp://127.0.0.1:9", "count: "},
		"too many at once": {func(r *gate.VantageRequest) { r.InFlight = gate.MaxInFlight + 1 }, "tcp://127.0.0.1:9", "in_flight: got 65, want at most 64"},
		"paths twice":      {func(r *gate.VantageRequest) { r.Paths = append(r.Paths, path) }, "tcp://127.0.0.1:9", "paths need different names"},
	} {
		var log bytes.Buffer
		req := measureRequest(path)
		c.change(&req)
		if answer, _ := ask(t, testVantage(c.allow, &log), req, time.Minute); !strings.Contains(answer.Error, c.want) || answer.Result != nil {
			t.Errorf("%s: got %q, want %q", name, answer.Error, c.want)
		}
	}
	var log bytes.Buffer
	for _, raw := range []string{``, `null`, `[]`, `{"paths": 7}`, `"x"`} {
		if answer, _ := askRaw(t, testVantage("", &log), []byte(raw), time.Minute); answer.Error == "" {
			t.Errorf("%q: no error", raw)
		}
	}
}

// A measurement that would take longer than the function may is cut, and what there was is returned.
func TestVantage_Deadline(t *testing.T) {
	port := echoServer(t)
	var log bytes.Buffer
	req := measureRequest(gate.PathRequest{Name: "tcp", Target: local(probe.KindTCP, port)})
	req.Count, req.Interval = 10_000, 10_000
	answer, r := ask(t, testVantage(fmt.Sprintf("tcp://127.0.0.1:%d", port), &log), req, time.Second)
	if answer.Error != "" || !r.Interrupted || r.Paths[0].OK < 10 || r.Paths[0].OK > 200 || r.Paths[0].Unsent == 0 {
		t.Errorf("got %q, %+v", answer.Error, r)
	}
}

func FuzzVantage(f *testing.F) {
	f.Add([]byte(`{"schema":"pathproof/vantage/v1","vantage":"v","run_id":"r","task":"measure","paths":[{"name":"a","target":{"kind":"tcp","host":"127.0.0.1","port":1}}],"count":1}`))
	f.Add([]byte(`{"schema":"pathproof/vantage/v1","vantage":"v","task":"await","paths":[{"name":"a","target":{"kind":"http","host":"::1","port":1,"http":{"path":"/x?y"}},"ready":{}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var log bytes.Buffer
		v := testVantage("", &log) // nothing is allowed: nothing may be sent
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		answer, err := v.handle(ctx, raw)
		if err != nil || answer.Error == "" && answer.Result == nil {
			t.Errorf("no answer: %+v, %v", answer, err)
		}
		if answer.Error == "" {
			r, err := gate.UnpackResult(answer.Result)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range r.Paths {
				if p.Sent != 0 || p.Failure == nil {
					t.Errorf("probed %s", p.Target.Host)
				}
			}
		}
	})
}
