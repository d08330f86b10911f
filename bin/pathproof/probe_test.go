package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// echoServer answers probes until the test ends.
func echoServer(t *testing.T) *probe.Server {
	t.Helper()
	s, err := probe.Listen(probe.ServerConfig{TCP: "127.0.0.1:0", UDP: "127.0.0.1:0", HTTP: "127.0.0.1:0", AZID: "apne1-az1", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}

// closedPort is one where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// silentPort is a UDP port that never answers.
func silentPort(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().String()
}

// probeRun runs a probe, again if this machine was too busy to measure anything.
func probeRun(t *testing.T, args ...string) result {
	t.Helper()
	for range 6 {
		got := pathproof(append([]string{"probe", "run", "--interval", "2ms"}, args...)...)
		if !strings.Contains(got.Stdout, "prober  poor") && !strings.Contains(got.Stdout, `"quality":"poor"`) && !strings.Contains(got.Stdout, `"quality": "poor"`) {
			return got
		}
	}
	t.Skip("NOT TESTED: this machine is too busy to measure anything")
	return result{}
}

// TestProbeRun_ExitStatus runs what a user would run, against servers on this machine.
func TestProbeRun_ExitStatus(t *testing.T) {
	s := echoServer(t)
	tcp, closed := "tcp://"+s.TCPAddr().String(), "tcp://"+closedPort(t)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string // in standard output, as a regular expression
	}{
		{"answers", []string{tcp, "-n", "20"}, 0, `(?s)20 sent, 20 ok, 0 failed \(0.00% fail, 95% CI 0.00-16.84%\).*p99 +~.* \(n=20: not resolvable, needs n=299\).*verdict  pass \(exit status 0\)`},
		{"objective met", []string{tcp, "-n", "60", "--slo", "p50(connect) < 1s and fail < 50%"}, 0, `pass +127.0.0.1:\d+: p50\(connect\) < 1s`},
		{"objective not met", []string{tcp, "-n", "60", "--slo", "fail == 100%"}, 1, `fail is 0 of 60, 0.00%`},
		{"a warning", []string{tcp, "-n", "60", "--slo", "fail == 100% @warn"}, 0, `warning: 127.0.0.1:\d+: fail: fail is 0 of 60|warning: 127.0.0.1:\d+: fail is 0 of 60`},
		{"inconclusive", []string{tcp, "-n", "60", "--slo", "synloss < 5%", "--shares", "strict"}, 0, `verdict  (pass|inconclusive)`},
		{"one of two refuses", []string{"up=" + tcp, "down=" + closed, "-n", "20"}, 1, `down: unreachable, none of 20 probes was answered \(refused: connect: connection refused\)`},
		{"refused", []string{closed, "-n", "20"}, 4, `20 x refused`},
		{"never answers", []string{"udp://" + silentPort(t), "-n", "5", "--timeout", "50ms"}, 4, `5 x timeout`},
		{"no such name", []string{"tcp://nowhere.invalid:22", "-n", "5", "--timeout", "2s"}, 4, `nowhere.invalid:22: not measured: resolve: `},
		{"not ready", []string{closed, "-n", "5", "--wait", "20ms"}, 4, `not ready within \d+\.\d s, \d+ tries`},
		{"ready", []string{tcp, "-n", "5", "--wait", "2s"}, 0, `ready after \d+\.\d s, 3 tries`},
		{"http", []string{"http://" + s.HTTPAddr().String() + "/whoami", "-n", "20"}, 0, `(?s)phases, medians of answered probes in us.*wait in ms, by the program, n=20.*apne1-az1`},
		{"http status", []string{"http://" + s.HTTPAddr().String() + "/nowhere", "-n", "5"}, 1, `no probe succeeded: 5 x http_status \(http_status: got 404 Not Found\); 5 of 5 connected`},
		{"udp", []string{"udp://" + s.UDPAddr().String(), "-n", "20"}, 0, `20 ok`},
		{"flows", []string{"echo://" + s.TCPAddr().String(), "-n", "20", "--flows", "4", "--tunnels", "2"}, 0, `(?s)by source port: all 4 flows work.*127\.0\.0\.1:2\d{4}\n`},
		{"compared", []string{"a=" + tcp, "b=" + tcp, "-n", "60", "--compare", "all", "--margin", "1s"}, 0, `equivalent +a and b are equivalent \(connect, interleaved\)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := probeRun(t, tt.args...)
			if got.Code != tt.code || got.Stderr != "" || !regexp.MustCompile(tt.want).MatchString(got.Stdout) {
				t.Errorf("want status %d and %s, got status %d and errors %q and\n%s", tt.code, tt.want, got.Code, got.Stderr, got.Stdout)
			}
		})
	}
}

// AWS Lambda has no ICMP: the kind of privilege that is missing whoever runs the test.
func TestProbeRun_MissingPrivilege(t *testing.T) {
	t.Setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
	got := pathproof("probe", "run", "icmp://127.0.0.1", "-n", "5")
	if got.Code != 5 || !strings.Contains(got.Stdout, "not measured: prepare: there is no ICMP in AWS Lambda; measure with tcp, or from an instance or client") {
		t.Errorf("got status %d and\n%s", got.Code, got.Stdout)
	}
}

func TestProbeRun_InconclusiveStopsWithStrict(t *testing.T) {
	s := echoServer(t)
	args := []string{"tcp://" + s.TCPAddr().String(), "-n", "60", "--slo", "fail < 6%", "--shares", "strict", "--confidence", "0.95"}
	if got := probeRun(t, args...); got.Code != 0 {
		t.Errorf("0 of 60 prove it: got status %d and\n%s", got.Code, got.Stdout)
	}
	doc := writeFile(t, "probe.yaml", fmt.Sprintf(`apiVersion: pathproof/probe/v1
defaults: {count: 20, interval: 2ms}
paths: {a: {tcp: "%s"}}
slo: [{a: "p99(connect) < 1s"}]
policy: {undersampled: warn}
`, s.TCPAddr()))
	for _, tt := range []struct {
		args []string
		code int
	}{{nil, 0}, {[]string{"--strict"}, 2}} {
		got := pathproof(append([]string{"probe", "run", doc}, tt.args...)...)
		if strings.Contains(got.Stdout, "prober  poor") {
			t.Skip("NOT TESTED: this machine is too busy to measure anything")
		}
		if got.Code != tt.code || !strings.Contains(got.Stdout, "verdict  inconclusive") || !strings.Contains(got.Stderr, ": warning NET003 slo[0][a]: 20 probes of a cannot prove it at 95%") {
			t.Errorf("%v: got status %d, errors %q and\n%s", tt.args, got.Code, got.Stderr, got.Stdout)
		}
	}
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestProbeRun_ProvesIsolation(t *testing.T) {
	s := echoServer(t)
	doc := func(target, expect string) string {
		return writeFile(t, "probe.yaml", fmt.Sprintf("apiVersion: pathproof/probe/v1\ndefaults: {count: 5, interval: 2ms}\npaths: {shut: {tcp: %q, expect: {connect: %s}}}\n", target, expect))
	}
	for _, tt := range []struct {
		target, expect string
		code           int
		want           string
	}{
		{closedPort(t), "never", 0, "held: 8 of 8 probes were refused: no connection, but packets pass both ways"},
		{closedPort(t), "unreachable", 1, "must not be reachable, but 8 of 8 probes were refused"},
		{s.TCPAddr().String(), "never", 1, "must not be reachable, but 8 of 8 probes got through"},
	} {
		if got := probeRun(t, doc(tt.target, tt.expect)); got.Code != tt.code || !strings.Contains(got.Stdout, tt.want) {
			t.Errorf("%s: want status %d and %q, got %d and\n%s", tt.expect, tt.code, tt.want, got.Code, got.Stdout)
		}
	}
}

func TestProbeRun_Outputs(t *testing.T) {
	s := echoServer(t)
	dir := t.TempDir()
	args := []string{"a=tcp://" + s.TCPAddr().String(), "-n", "30", "-o", "json", "--samples", "--seed", "7"}
	for _, name := range []string{"r.txt", "r.json", "r.ndjson", "r.csv", "r.xml", "r.md", "r.html"} {
		args = append(args, "--out", filepath.Join(dir, name))
	}
	got := probeRun(t, args...)
	if got.Code != 0 || got.Stderr != "" {
		t.Fatalf("got status %d and %q", got.Code, got.Stderr)
	}
	r, err := report.Read([]byte(got.Stdout))
	if err != nil {
		t.Fatal(err)
	}
	if r.Settings.Seed != 7 || len(r.Paths[0].Samples) != 33 || r.Vantage.Kind != "client" || r.RunID == "" || r.Tool.Version == "" {
		t.Errorf("got seed %d, %d samples, vantage %+v, run %q, tool %+v", r.Settings.Seed, len(r.Paths[0].Samples), r.Vantage, r.RunID, r.Tool)
	}
	for name, want := range map[string]string{
		"r.txt": "30 sent, 30 ok", "r.json": `"schema":"pathproof/probe-result/v1"`, "r.ndjson": `{"type":"verdict","verdict":"pass"`, "r.csv": "a,tcp,32,",
		"r.xml": `<testcase classname="paths.a" name="answers">`, "r.md": "## Latency: pass", "r.html": "<title>Latency report: pass</title>",
	} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s: no %s in\n%.500s", name, want, text)
		}
	}
	without := probeRun(t, "a=tcp://"+s.TCPAddr().String(), "-n", "5", "-o", "json")
	if r, err := report.Read([]byte(without.Stdout)); err != nil || len(r.Paths[0].Samples) > 0 {
		t.Errorf("samples without --samples, or %v", err)
	}
}

func TestProbeRun_CannotWrite(t *testing.T) {
	s := echoServer(t)
	file := writeFile(t, "a", "")
	got := probeRun(t, "tcp://"+s.TCPAddr().String(), "-n", "5", "--out", filepath.Join(file, "r.json"))
	if got.Code != 3 || !strings.HasPrefix(got.Stderr, "pathproof: --out: ") {
		t.Errorf("got status %d and %q", got.Code, got.Stderr)
	}
	missing := filepath.Join(t.TempDir(), "mistyped")
	got = probeRun(t, "tcp://"+s.TCPAddr().String(), "-n", "5", "--out", filepath.Join(missing, "r.json"))
	if got.Code != 3 || !strings.Contains(got.Stderr, "--out: no such folder") || got.Stdout != "" {
		t.Errorf("got status %d, %q and %q", got.Code, got.Stderr, got.Stdout)
	}
	if _, err := os.Stat(missing); err == nil {
		t.Error("a folder was made")
	}
}

// A token in a query is for the server, not for a report.
func TestProbeRun_PrintsNoQueryValues(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("token") != "SECRET" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	defer s.Close()
	for _, format := range []string{"table", "json", "ndjson", "csv", "junit", "markdown", "html"} {
		got := probeRun(t, s.URL+"/health?token=SECRET&x=1", "-n", "3", "--samples", "-o", format)
		if strings.Contains(got.Stdout+got.Stderr, "SECRET") || format != "csv" && !strings.Contains(got.Stdout, "token=...") {
			t.Errorf("%s: status %d, errors %q and\n%.400s", format, got.Code, got.Stderr, got.Stdout)
		}
		if format == "table" && !strings.Contains(got.Stdout, "3 sent, 3 ok") {
			t.Errorf("the server did not get the token: got\n%s", got.Stdout)
		}
	}
}

// Ctrl-C ends the run, not the report.
func TestProbeRun_Interrupted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tenth := make(chan struct{})
	go func() {
		for i := 1; ; i++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
			if i == 10 {
				close(tenth)
			}
		}
	}()
	ctx, interrupt := context.WithCancel(context.Background())
	go func() {
		<-tenth
		interrupt()
	}()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"probe", "run", "tcp://" + l.Addr().String(), "-n", "100000", "--warmup", "0", "--interval", "5ms"}, &stdout, &stderr)
	got := result{code, stdout.String(), stderr.String()}
	if got.Code != 130 || !regexp.MustCompile(`(?s)\d+ sent, \d+ ok.*whose time ran out before they began.*verdict  inconclusive.*interrupted after \d+ of 100000 probes`).MatchString(got.Stdout) {
		t.Errorf("got status %d, errors %q and\n%s", got.Code, got.Stderr, got.Stdout)
	}
}

func TestProbeCompare(t *testing.T) {
	s := echoServer(t)
	dir := t.TempDir()
	before, after := filepath.Join(dir, "before.json"), filepath.Join(dir, "after.json")
	for _, file := range []string{before, after} {
		if got := probeRun(t, "a=tcp://"+s.TCPAddr().String(), "-n", "60", "--samples", "--out", file); got.Code != 0 {
			t.Fatalf("got status %d and %s", got.Code, got.Stderr)
		}
	}
	got := pathproof("probe", "compare", before, after, "--margin", "1s")
	if strings.Contains(got.Stdout, "prober  poor") {
		t.Skip("NOT TESTED: this machine is too busy to measure anything")
	}
	if got.Code != 0 || !strings.Contains(got.Stdout, "a and a (before) are equivalent (connect, sequential)") || !strings.Contains(got.Stdout, "the two runs are not interleaved") {
		t.Errorf("got status %d, errors %q and\n%s", got.Code, got.Stderr, got.Stdout)
	}
	other := filepath.Join(dir, "other.json")
	if got := probeRun(t, "a=udp://"+s.UDPAddr().String(), "-n", "60", "--samples", "--out", other); got.Code != 0 {
		t.Fatalf("got status %d and %s", got.Code, got.Stderr)
	}
	if got := pathproof("probe", "compare", before, other); got.Code != 3 || !strings.Contains(got.Stderr, "path a has different targets, got tcp ") {
		t.Errorf("got status %d and %q", got.Code, got.Stderr)
	}
	if got := pathproof("probe", "compare", before, writeFile(t, "x.json", "{}")); got.Code != 3 || !strings.Contains(got.Stderr, `no probe result: schema is ""`) {
		t.Errorf("got status %d and %q", got.Code, got.Stderr)
	}
}

func TestProbeDoctor(t *testing.T) {
	got := pathproof("probe", "doctor", "--json")
	if got.Code != 0 && got.Code != 5 || got.Stderr != "" {
		t.Fatalf("got status %d and %q", got.Code, got.Stderr)
	}
	var findings []finding
	if err := json.Unmarshal([]byte(got.Stdout), &findings); err != nil {
		t.Fatal(err)
	}
	failed := false
	for _, f := range findings {
		failed = failed || f.Status == isUnfit
		if f.Name == "" || f.Found == "" || f.Status != isOK && f.Status != isWeak && f.Status != isUnfit {
			t.Errorf("got %+v", f)
		}
	}
	if len(findings) < 4 || failed != (got.Code == 5) {
		t.Errorf("status %d for %+v", got.Code, findings)
	}
	if got := pathproof("probe", "doctor"); !strings.Contains(got.Stdout, "TCP timing") {
		t.Errorf("got %s", got.Stdout)
	}
}

func TestComparePublished(t *testing.T) {
	if got := pathproof("compare", "--published"); got.Code != 0 || len(got.Stdout) < 1000 {
		t.Errorf("got status %d and %s", got.Code, got.Stdout)
	}
	compare(t, result{Code: 2, Stderr: "pathproof: nothing to compare; give --published, or run pathproof probe compare OLD NEW\n"}, pathproof("compare"))
}

func TestCompletion(t *testing.T) {
	if got := pathproof("completion", "bash"); got.Code != 0 || !strings.Contains(got.Stdout, "__start_pathproof") {
		t.Errorf("got status %d and %.200s", got.Code, got.Stdout)
	}
	doc := writeFile(t, "probe.yaml", "apiVersion: pathproof/probe/v1\npaths: {peering: {tcp: \"10.0.0.1:22\"}, vpn: {tcp: \"10.0.0.2:22\"}}\n")
	for typed, want := range map[string]string{"": "all\npeering,\nvpn,\n", "vpn,": "vpn,peering\n"} {
		if got := pathproof("__complete", "probe", "run", doc, "--compare", typed); !strings.HasPrefix(got.Stdout, want) {
			t.Errorf("%q: got %q", typed, got.Stdout)
		}
	}
	if got := pathproof("__complete", "probe", "run", "x.yaml", "--output", "j"); !strings.HasPrefix(got.Stdout, "table\njson\n") {
		t.Errorf("got %q", got.Stdout)
	}
}

func TestProbeServe(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	var stdout bytes.Buffer
	r, w := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"probe", "serve", "--tcp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--az-id", "apne1-az4"}, &stdout, w)
		w.Close()
	}()
	lines := bufio.NewScanner(r)
	lines.Scan()
	tcp := strings.TrimPrefix(lines.Text(), "listening  tcp  ")
	lines.Scan()
	web := strings.TrimPrefix(lines.Text(), "listening  http  ")
	got := probeRun(t, "a=echo://"+tcp, "b=http://"+web+"/whoami", "-n", "5")
	if got.Code != 0 || strings.Count(got.Stdout, "apne1-az4") != 1 {
		t.Errorf("got status %d, errors %q and\n%s", got.Code, got.Stderr, got.Stdout)
	}
	stop()
	lines.Scan()
	if code := <-ended; code != 0 || !strings.HasPrefix(lines.Text(), "answered ") || stdout.Len() > 0 {
		t.Errorf("got status %d, %q and %q", code, lines.Text(), stdout.String())
	}
}
