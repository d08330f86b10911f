//go:build linux

package openvpnlab

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// edgeEnv makes the test program be the edge: it holds what terminate wants.
const edgeEnv = "PATHPROOF_LAB_EDGE"

// accelerate ends TCP at ports of the edge and begins it anew to other addresses, as an accelerator does. Each pair is port=to.
func (p *paths) accelerate(t *testing.T, pairs ...string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "edge.log")
	command, args := prompt("env", edgeEnv+"="+strings.Join(pairs, " "), os.Args[0])
	start(t, p.edge, log, command, args...)
	eventually(t, "the edge listens", patience, func() bool { return strings.Count(string(readFile(t, log)), "listening") == len(pairs) })
}

// terminate is the edge.
func terminate(pairs []string) error {
	failed := make(chan error)
	for _, pair := range pairs {
		port, to, _ := strings.Cut(pair, "=")
		l, err := net.Listen("tcp", accelerated+":"+port)
		if err != nil {
			return err
		}
		fmt.Fprintln(os.Stderr, "listening", l.Addr())
		go func() {
			for {
				near, err := l.Accept()
				if err != nil {
					failed <- err
					return
				}
				go join(near, to)
			}
		}()
	}
	return <-failed
}

func join(near net.Conn, to string) {
	defer near.Close()
	far, err := net.DialTimeout("tcp", to, 5*time.Second)
	if err != nil {
		return
	}
	defer far.Close()
	go func() { _, _ = io.Copy(far, near); _ = far.(*net.TCPConn).CloseWrite() }()
	_, _ = io.Copy(near, far)
}

// comparison is what the lab reads of a result.
type comparison struct {
	A, B, Verdict string
	Shift         *int64 `json:"shift_us"`
}

type measured struct {
	Env   struct{ Quality string }
	Paths []struct {
		Name   string
		OK     int
		Phases map[string]struct {
			P50 int64 `json:"p50"`
		} `json:"phases_us"`
	}
	Comparisons []comparison
}

// measure runs the command line from the client: the table for people, and the result.
func (p *paths) measure(t *testing.T, args ...string) (result measured) {
	t.Helper()
	file := t.TempDir() + "/result.json"
	out, err := run(p.client, program(t), append([]string{"probe", "run", "-q", "-o", "markdown", "--out", file}, args...)...)
	t.Logf("%v\n%s", err, out)
	check(t, json.Unmarshal(readFile(t, file), &result))
	return result
}

// compares: B is faster than A, both are faster than C and D, and between those there is no difference that matters.
func (p *paths) compares(t *testing.T) {
	var args []string
	for i, name := range []string{"a", "b", "c", "d"} {
		args = append(args, name+"=tcp://"+p.at(i)+":7007")
	}
	want := map[string]string{"a b": "slower", "a c": "faster", "a d": "faster", "b c": "faster", "b d": "faster", "c d": "equivalent"}
	for try := 1; ; try++ { // the machine may be too busy to tell; fit to measure, it must never say the contrary
		result := p.measure(t, append(args, "-n", "200", "--interval", "15ms", "--margin", "1ms", "--compare", "all")...)
		unsure := 0
		for _, c := range result.Comparisons {
			switch w := want[c.A+" "+c.B]; {
			case c.Verdict == "inconclusive", c.Verdict != w && result.Env.Quality != "good":
				unsure++
			case c.Verdict != w:
				t.Errorf("%s and %s: got %s, want %s", c.A, c.B, c.Verdict, w)
			}
		}
		if len(result.Comparisons) != len(want) {
			t.Fatalf("got %d comparisons, want %d", len(result.Comparisons), len(want))
		}
		if unsure == 0 || t.Failed() {
			return
		}
		if try == 4 {
			t.Fatalf("%d comparisons stay inconclusive", unsure)
		}
	}
}

// trap: a connection to the accelerator is accepted at the edge, so its handshake says how far the edge is: 2 ms, for a server that
// is 30 ms away. The first answer says how far the server is, and more: the edge has to connect to it first.
func (p *paths) trap(t *testing.T) {
	for try := 1; ; try++ {
		args := []string{"-n", "60", "--interval", "15ms", "--margin", "1ms", "--compare"}
		connect := p.measure(t, append([]string{"direct=tcp://" + tokyoPublic + ":1194", "accelerated=tcp://" + accelerated + ":1195"}, append(args, "accelerated,direct,connect")...)...)
		wait := p.measure(t, append([]string{"direct=echo://" + tokyoPublic + ":7107", "accelerated=echo://" + accelerated + ":7108"}, append(args, "accelerated,direct,wait")...)...)
		c, w := connect.Comparisons[0], wait.Comparisons[0]
		if c.Verdict == "faster" && c.Shift != nil && *c.Shift < -25_000 && w.Verdict == "slower" {
			return
		}
		if try == 4 {
			t.Fatalf("accelerated against direct: connect %s, want faster by 30 ms; wait %s, want slower", c.Verdict, w.Verdict)
		}
	}
}

// peeringDrops: with NAT the peering sees the server's address. With packets that keep their addresses it sees the pool's, which
// belongs to neither VPC, although every route is there.
func (p *paths) peeringDrops(t *testing.T) {
	viaSeoul := "tcp://" + p.at(2) + ":7007"
	if got := answered(t, p.client, viaSeoul, 3); got != 3 {
		t.Fatalf("with NAT %d of 3 probes are answered", got)
	}
	p.filter(p.seoul, p.config("seoul", "10.250.0.0/24", true))
	if got := answered(t, p.client, viaSeoul, 3); got != 0 {
		t.Errorf("routed, %d of 3 probes crossed the peering; AWS drops them", got)
	}
	p.filter(p.seoul, p.config("seoul", "10.250.0.0/24", false))
	if got := answered(t, p.client, viaSeoul, 3); got != 3 {
		t.Errorf("with NAT again %d of 3 probes are answered", got)
	}
}
