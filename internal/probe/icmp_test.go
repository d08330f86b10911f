package probe_test

import (
	"errors"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func noEnv(string) string { return "" }

func TestICMP_SaysThatLambdaHasNone(t *testing.T) {
	p := &probe.ICMP{
		Endpoint: probe.Endpoint{Host: "127.0.0.1"},
		Getenv:   func(name string) string { return map[string]string{"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}[name] },
	}
	var f *probe.Failure
	if err := p.Prepare(t.Context()); !errors.As(err, &f) || f.Class != probe.Local || !strings.Contains(f.Detail, "AWS Lambda") {
		t.Errorf("got %v", err)
	}
}

// prepareICMP skips the test where this process may not send ICMP; as root it may.
func prepareICMP(t *testing.T, e probe.Endpoint) probe.Prober {
	t.Helper()
	p := &probe.ICMP{Endpoint: e, Getenv: noEnv}
	err := p.Prepare(t.Context())
	if err != nil && os.Geteuid() != 0 {
		if !strings.Contains(err.Error(), "CAP_NET_RAW") {
			t.Errorf("without the privilege: got %v, want what to do about it", err)
		}
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestICMP_Loopback(t *testing.T) {
	for _, e := range []probe.Endpoint{
		{Host: "127.0.0.1"},
		{Host: "127.0.0.1", Source: netip.MustParseAddr("127.0.0.9")},
		{Host: "::1"},
	} {
		if e.Host == "::1" {
			s, err := probe.Listen(probe.ServerConfig{TCP: "[::1]:0"})
			if err != nil {
				continue // no IPv6 here
			}
			s.Close()
		}
		p := prepareICMP(t, e)
		for range 3 {
			o := p.Probe(within(t, time.Second), probe.Shot{})
			if !o.OK() || o.Phases.Wait < 1 || o.Phases.Wait > o.Elapsed {
				t.Errorf("%s: got %+v, %v", e.Host, o, o.Failure)
			}
			if runtime.GOOS == "linux" && o.Timing != probe.TimingKernel {
				t.Errorf("%s: timed by %s", e.Host, o.Timing)
			}
		}
	}
}

func TestICMP_Timeout(t *testing.T) {
	p := prepareICMP(t, probe.Endpoint{Host: "127.255.255.255"}) // broadcast: Linux does not answer
	if runtime.GOOS != "linux" {
		t.Skip("what answers is different here")
	}
	if o := p.Probe(within(t, 50*time.Millisecond), probe.Shot{}); o.OK() {
		t.Errorf("got an answer: %+v", o)
	}
}
