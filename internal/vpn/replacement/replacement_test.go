package replacement

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
	"github.com/pathproof/pathproof/internal/vpn/vpntest"
)

const ms = time.Millisecond

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

var (
	plan = &topology.Plan{Name: "net"}
	idc  = &topology.Site{Name: "idc", Prefixes: []netip.Prefix{netip.MustParsePrefix("10.20.0.0/16")}, Place: topology.Place{Region: "ap-northeast-2"},
		Connections: []topology.Connection{{Name: "fw0"}, {Name: "fw1"}}}
)

// fake is AWS with one connection.
type fake struct {
	mu          sync.Mutex
	connection  vpn.Connection
	maintenance map[int]vpn.Maintenance // by tunnel
	denied      map[string]error        // by call
	reading     error                   // of the next look
	replaced    []bool                  // whether maintenance was applied, for each replacement
	onReplace   func(*fake)
}

func newFake() *fake {
	f := &fake{denied: map[string]error{}, maintenance: map[int]vpn.Maintenance{}, connection: vpn.Connection{Site: "idc", Name: "fw1", ID: "vpn-1", State: "available", Place: idc.Place}}
	for i := range f.connection.Tunnels {
		f.connection.Tunnels[i] = vpn.Tunnel{Number: i + 1, Outside: netip.AddrFrom4([4]byte{198, 51, 100, byte(10 + i)}), Inside: netip.MustParsePrefix("169.254.110.0/30"),
			Status: "UP", LastChange: noon.Add(-time.Hour), AcceptedRoutes: 1, LifecycleControl: true}
	}
	return f
}

func (f *fake) Site(_ context.Context, p *topology.Plan, s *topology.Site) ([]*vpn.Connection, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p != plan || len(s.Connections) != 1 || s.Connections[0].Name != "fw1" {
		return nil, errors.New("asked about something else")
	}
	if err := f.reading; err != nil {
		f.reading = nil
		return nil, err
	}
	c := f.connection
	return []*vpn.Connection{&c}, f.denied["read"]
}

func (f *fake) Maintenance(_ context.Context, _ *vpn.Connection, t *vpn.Tunnel) (vpn.Maintenance, error) {
	return f.maintenance[t.Number], f.denied["maintenance"]
}

func (f *fake) Replace(ctx context.Context, _ *vpn.Connection, t *vpn.Tunnel, apply, dryRun bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case dryRun:
		return f.denied["dry run"]
	case f.denied["replace"] != nil:
		return f.denied["replace"]
	case ctx.Err() != nil:
		return ctx.Err()
	}
	f.replaced = append(f.replaced, apply)
	f.connection.Tunnels[t.Number-1].Status = "DOWN"
	if f.onReplace != nil {
		go f.onReplace(f)
	}
	return nil
}

func (f *fake) set(number int, status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := &f.connection.Tunnels[number-1]
	t.Status, t.LastChange = status, time.Now()
}

func TestExamine(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fake)
		want   []string // refusals; none: it is safe
		note   string
	}{
		{name: "all is well", change: func(*fake) {}},
		{name: "the other tunnel is down", change: func(f *fake) {
			f.connection.Tunnels[1].Status, f.connection.Tunnels[1].Message = "DOWN", "IPSEC IS DOWN"
		},
			want: []string{"the other tunnel, 2, is not UP, got DOWN (IPSEC IS DOWN); the site would be cut off, so repair it first"}},
		{name: "nothing is known of the other tunnel", change: func(f *fake) { f.connection.Tunnels[1].Status = "" }, want: []string{"the other tunnel, 2, is not UP, got nothing"}},
		{name: "the other tunnel has no routes", change: func(f *fake) { f.connection.Tunnels[1].AcceptedRoutes = 0 },
			want: []string{"AWS accepts 0 of the site's 1 routes by the other tunnel, 2; traffic would not move to it"}},
		{name: "the other tunnel has just come up", change: func(f *fake) { f.connection.Tunnels[1].LastChange = noon.Add(-90 * time.Second) },
			want: []string{"the other tunnel, 2, changed 1m30s ago; wait until it has been up for 5m0s"}},
		{name: "the tunnel is down already", change: func(f *fake) { f.connection.Tunnels[0].Status = "DOWN" }, want: []string{"tunnel 1 is not UP, got DOWN; repair it first"}},
		{name: "both are down", change: func(f *fake) { f.connection.Tunnels[0].Status, f.connection.Tunnels[1].Status = "DOWN", "DOWN" }, want: []string{"tunnel 1 is not UP", "the other tunnel, 2, is not UP"}},
		{name: "AWS may take the other one too", change: func(f *fake) {
			f.maintenance[2] = vpn.Maintenance{Pending: true, AutoAppliedAfter: noon.Add(20 * time.Minute)}
		}, want: []string{"AWS may replace the other tunnel, 2, meanwhile: its maintenance is applied by itself after 2026-11-30 12:20 UTC"}},
		{name: "nobody knows when", change: func(f *fake) { f.maintenance[2] = vpn.Maintenance{Pending: true} }, want: []string{"maintenance is pending for the other tunnel, 2, at a time that EC2 does not tell"}},
		{name: "later is no danger", change: func(f *fake) {
			f.maintenance[2] = vpn.Maintenance{Pending: true, AutoAppliedAfter: noon.AddDate(0, 0, 7)}
		}},
		{name: "its own is left pending", change: func(f *fake) {
			f.maintenance[1] = vpn.Maintenance{Pending: true, AutoAppliedAfter: noon.AddDate(0, 0, 7)}
		},
			note: "maintenance is pending for this tunnel, applied by itself after 2026-12-07 12:00 UTC; it is left pending (--apply-maintenance applies it)"},
		{name: "maintenance cannot be read", change: func(f *fake) { f.denied["maintenance"] = errors.New("allow it") }, want: []string{"whether maintenance is pending is unknown: allow it"}},
		{name: "a replacement is not allowed", change: func(f *fake) { f.denied["dry run"] = errors.New("allow ec2:ReplaceVpnTunnel") }, want: []string{"allow ec2:ReplaceVpnTunnel"}},
		{name: "half configured", change: func(f *fake) { f.connection.Tunnels[1].Outside = netip.Addr{} }, want: []string{"tunnel 2 is half configured"}},
		{name: "unreadable", change: func(f *fake) { f.denied["read"] = errors.New("no stack") }, want: []string{"no stack"}},
		{name: "no lifecycle control", change: func(f *fake) { f.connection.Tunnels[0].LifecycleControl = false }, note: "lifecycle control is off for this tunnel"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFake()
			tt.change(f)
			s, err := Examine(t.Context(), f, noon, plan, idc, "fw1", 1, Options{})
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if !strings.Contains(got[i], tt.want[i]) {
					t.Errorf("got %q, want %q in it", got[i], tt.want[i])
				}
			}
			if err == nil && (s.Label() != "fw1/1" || s.Other.Number != 2 || !strings.Contains(strings.Join(s.Notes, "\n"), tt.note) || tt.note == "" && len(s.Notes) > 0) {
				t.Errorf("got %+v", s)
			}
			if len(f.replaced) > 0 {
				t.Error("something was replaced")
			}
		})
	}
}

func mustExamine(t *testing.T, f *fake) *Subject {
	t.Helper()
	f.connection.Tunnels[0].LastChange = time.Now().Add(-time.Hour)
	s, err := Examine(t.Context(), f, noon, plan, idc, "fw1", 1, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// quick are options of a drill that takes a second or two. Flows and intervals are few and long: the machine may be busy.
func quick() Options {
	return Options{Before: 500 * ms, After: 300 * ms, Limit: 20 * time.Second, Poll: 20 * ms}
}

// patiently runs a drill until the machine is not too busy to measure: set makes it anew each time.
func patiently(t *testing.T, set func(f *fake, p *vpntest.Path, o *Options), silence time.Duration) (r *drill.Report, f *fake, err error) {
	t.Helper()
	for range 10 {
		var p *vpntest.Path
		f, p = newFake(), vpntest.NewPath(t)
		s, o := mustExamine(t, f), quick()
		set(f, p, &o)
		if r, err = Run(t.Context(), f, s, target(p), silence, o); err == nil || !strings.Contains(err.Error(), "too late to be sent") {
			break
		}
		t.Logf("again: %v", err)
	}
	return r, f, err
}

func target(p *vpntest.Path) []Target {
	return []Target{{"host/app-target", drill.StreamConfig{Target: p.Addr, Flows: 4, Interval: 250 * ms, Wait: 300 * ms}}}
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name    string
		silence time.Duration // target
		change  func(*fake)
		verdict drill.Verdict
		reason  string
	}{
		{"within the target", 10 * time.Second, nil, drill.Pass, ""},
		{"longer than the target", 500 * ms, nil, drill.Fail, "the target is less than 0.50 s"},
		{"no target", 0, nil, drill.Pass, ""},
		{"a look that fails", 10 * time.Second, func(f *fake) { f.reading = errors.New("throttled") }, drill.Pass, ""},
		{"the other tunnel goes down too", 10 * time.Second, func(f *fake) { f.connection.Tunnels[1].Status = "DOWN" }, drill.Fail, "the other tunnel went down too"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var progress []string
			r, f, err := patiently(t, func(f *fake, path *vpntest.Path, o *Options) {
				f.onReplace = func(f *fake) {
					path.Fail(true)
					<-time.After(900 * ms) // the time that the fault takes
					path.Fail(false)
					f.set(1, "UP")
				}
				if tt.change != nil {
					tt.change(f)
				}
				o.Progress = func(line string) { progress = append(progress, line) }
			}, tt.silence)
			if err != nil {
				t.Fatal(err)
			}
			row := r.Rows[0]
			if row.Verdict != tt.verdict || !strings.Contains(strings.Join(row.Reasons, "\n"), tt.reason) {
				t.Errorf("got %s %q, want %s %q", row.Verdict, row.Reasons, tt.verdict, tt.reason)
			}
			if row.Hit != 2 || row.Flows != 4 || row.Silence.Duration() < 900*ms || row.TwoPaths == nil || row.TwoPaths.Duration() < 900*ms || row.Target.Duration() != tt.silence {
				t.Errorf("two of four flows were silent for 0.9 s: got %+v", row)
			}
			if len(f.replaced) != 1 || f.replaced[0] || !strings.Contains(strings.Join(progress, "\n"), "fw1/1: up again after") {
				t.Errorf("replaced %v\n%q", f.replaced, progress)
			}
		})
	}
}

// EC2 may say UP all the time when it is asked rarely; the time of the last change tells.
func TestRun_DownBetweenTwoLooks(t *testing.T) {
	t.Parallel()
	r, _, err := patiently(t, func(f *fake, _ *vpntest.Path, o *Options) {
		f.onReplace = func(f *fake) { f.set(1, "UP") }
		o.Poll = 300 * ms
	}, time.Minute)
	if err != nil || r.Rows[0].Verdict != drill.Pass || r.Rows[0].TwoPaths == nil {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestRun_NotUpAgain(t *testing.T) {
	t.Parallel()
	r, _, err := patiently(t, func(_ *fake, _ *vpntest.Path, o *Options) { o.Limit = 400 * ms }, time.Minute)
	if err != nil || r.Rows[0].Verdict != drill.Fail || !strings.Contains(r.Rows[0].Reasons[0], "fw1/1 was not up again within 400ms") || r.Rows[0].TwoPaths != nil {
		t.Errorf("got %+v, %v", r, err)
	}
}

// Interrupted before the request, nothing is replaced; after it, what was measured is reported.
func TestRun_Interrupted(t *testing.T) {
	t.Parallel()
	f, path := newFake(), vpntest.NewPath(t)
	s := mustExamine(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Run(ctx, f, s, target(path), time.Minute, quick()); r != nil || !errors.Is(err, errNothingReplaced) || len(f.replaced) > 0 {
		t.Errorf("got %v, %v and %d replacements", r, err, len(f.replaced))
	}
	var r *drill.Report
	for range 10 { // until the machine is not too busy to measure
		ctx, cancel = context.WithCancel(t.Context())
		f.onReplace = func(*fake) {
			<-time.After(400 * ms)
			cancel()
		}
		var err error
		if r, err = Run(ctx, f, s, target(path), time.Minute, quick()); err == nil {
			break
		}
		t.Logf("again: %v", err)
	}
	if r == nil {
		t.Fatal("no drill was carried out")
	}
	if row := r.Rows[0]; row.Verdict != drill.Fail || !strings.HasPrefix(row.Reasons[0], "interrupted: the replacement goes on at AWS") || row.Sent == 0 {
		t.Errorf("got %+v", row)
	}
}

// A tunnel is not taken down for a measurement that says nothing, nor without AWS's word.
func TestRun_NothingIsReplaced(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*fake, *vpntest.Path, *Options)
		want   string
	}{
		{"flows are lost already", func(_ *fake, p *vpntest.Path, _ *Options) { p.Fail(true) }, "got no answer while both tunnels are up; is pathproof probe serve --udp running there"},
		{"AWS refuses", func(f *fake, _ *vpntest.Path, _ *Options) {
			f.denied["replace"] = errors.New("ec2 ReplaceVpnTunnel failed")
		}, "ec2 ReplaceVpnTunnel failed"},
		{"too many probes", func(_ *fake, _ *vpntest.Path, o *Options) { o.Limit = 1000 * time.Hour }, "measure for less time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, f, err := patiently(t, tt.change, time.Minute)
			if r != nil || err == nil || !strings.Contains(err.Error(), tt.want) || len(f.replaced) > 0 {
				t.Errorf("got %v, %v and %d replacements; want %q", r, err, len(f.replaced), tt.want)
			}
		})
	}
}

// A measuring machine that is late makes silences look longer, never shorter: it can spoil a fail, not a pass.
func TestRow_LateProbes(t *testing.T) {
	f := newFake()
	r := &running{subject: mustExamine(t, f), called: time.Now()}
	for _, tt := range []struct {
		skipped, limited int
		silence          time.Duration
		want             drill.Verdict
		reason           string
	}{
		{0, 0, time.Minute, drill.Pass, ""},
		{1, 0, time.Minute, drill.Pass, "1 probes were too late to be sent: silences may look longer"},
		{90, 0, time.Minute, drill.Pass, "90 probes were too late to be sent, beside"},
		{1, 0, ms, drill.Fail, "the target is less than"},
		{90, 0, ms, drill.Broken, "measure from a machine with less to do"},
		{0, 3, ms, drill.Broken, "the target refused 3 probes"},
	} {
		rec := recorded(t)
		rec.Skipped, rec.Limited = tt.skipped, tt.limited
		r.called = rec.Start
		row := r.row("target", rec, tt.silence)
		if row.Verdict != tt.want || !strings.Contains(strings.Join(row.Reasons, "\n"), tt.reason) || tt.reason == "" && len(row.Reasons) > 0 {
			t.Errorf("%+v: got %s %q", tt, row.Verdict, row.Reasons)
		}
	}
}

// recorded is a short recording without faults.
func recorded(t *testing.T) *drill.Recording {
	t.Helper()
	s, err := drill.Open(drill.StreamConfig{Target: vpntest.NewPath(t).Addr, Flows: 2, Interval: 50 * ms, Most: 150 * ms, Wait: 200 * ms})
	if err != nil {
		t.Fatal(err)
	}
	return s.Run(t.Context())
}

func TestCheck(t *testing.T) {
	p := vpntest.NewPath(t)
	if err := Check(target(p), Options{}); err != nil {
		t.Error(err)
	}
	bad := target(p)
	bad[0].Stream.Flows = 1000
	if err := Check(bad, Options{}); err == nil || !strings.HasPrefix(err.Error(), "target host/app-target: stream: flows out of range, got 1000") {
		t.Errorf("got %v", err)
	}
}
