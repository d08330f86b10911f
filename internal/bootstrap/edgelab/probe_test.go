//go:build linux

package edgelab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// jobEnv makes the test program measure these URLs, in the namespace it was started in, instead of running tests.
const jobEnv = "PATHPROOF_EDGELAB_URLS"

func TestMain(m *testing.M) {
	if urls := os.Getenv(jobEnv); urls != "" {
		if err := measure([]byte(urls)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	flag.Parse()
	// These tests wait most of the time: four of them are not too much for two CPUs.
	if err := flag.Set("test.parallel", "4"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func measure(urls []byte) error {
	var list []string
	if err := json.Unmarshal(urls, &list); err != nil {
		return err
	}
	plan := probe.Plan{Count: 30, Interval: 100 * time.Millisecond, Seed: 4}
	for _, u := range list {
		plan.Paths = append(plan.Paths, probe.Path{Name: u, Prober: &probe.HTTP{URL: u}})
	}
	result, err := probe.Run(context.Background(), plan)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// In front of a far origin, connect falls to what the proxy is away, and wait is one round trip to
// the origin as before, since the proxy has a connection already.
func TestProbe_ConnectFallsAndWaitHolds(t *testing.T) {
	const far = 65 * time.Millisecond // one way, Seoul to Oregon
	build := newNginx(t)
	w := newWorld(t, far, nil)
	w.dns.say(willing, node(1))
	m := newMachine(t, build, w.edge, plain())
	m.boot()
	s := &site{m, w, w.client()}
	s.awaitOrigin()
	urls, err := json.Marshal([]string{"http://" + node(1).String() + "/", "http://127.0.0.1/"})
	m.must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), jobEnv+"="+string(urls))
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	m.must(w.edge.Do(cmd.Start))
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var result probe.Result
	m.must(json.Unmarshal(out.Bytes(), &result))
	median := func(path int, phase probe.Phase) time.Duration {
		p := result.Paths[path]
		if p.OK < p.Sent {
			t.Errorf("%s: %d of %d answered", p.Name, p.OK, p.Sent)
		}
		var times []probe.Micros
		for _, sample := range p.Samples {
			if took, ok := sample.Phases.Get(phase); ok && !sample.Warmup {
				times = append(times, took)
			}
		}
		if len(times) == 0 {
			t.Fatalf("%s has no %s", p.Name, phase)
		}
		slices.Sort(times)
		return time.Duration(times[len(times)/2]) * time.Microsecond
	}
	t.Logf("| median of 30 | connect | wait | total |")
	for i, name := range []string{"straight to the origin", "through the proxy"} {
		t.Logf("| %s | %s | %s | %s |", name, median(i, probe.PhaseConnect), median(i, probe.PhaseWait), median(i, probe.PhaseTotal))
	}
	if got := median(1, probe.PhaseConnect); got > far/2 {
		t.Errorf("connect to the proxy: %s", got)
	}
	if straight, proxied := median(0, probe.PhaseWait), median(1, probe.PhaseWait); proxied < 2*far || proxied > straight+far {
		t.Errorf("wait: %s straight, %s through the proxy; want one round trip of %s in both", straight, proxied, 2*far)
	}
	if straight, proxied := median(0, probe.PhaseTotal), median(1, probe.PhaseTotal); proxied > straight*3/4 {
		t.Errorf("total: %s straight, %s through the proxy", straight, proxied)
	}
}
