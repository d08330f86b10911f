//go:build linux

package lab

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// attribute makes a netlink attribute, padded.
func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, (4-len(b)%4)%4)...)
}

func hop(index uint32, flags byte) []byte {
	via := attribute(unix.RTA_GATEWAY, []byte{169, 254, 10, 1})
	b := binary.NativeEndian.AppendUint16(nil, uint16(8+len(via)))
	return append(binary.NativeEndian.AppendUint32(append(b, flags, 0), index), via...)
}

func route(prefix netip.Prefix, kind, table byte, flags uint32, attributes ...[]byte) *syscall.NetlinkMessage {
	m := &syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: syscall.RTM_NEWROUTE}}
	m.Data = []byte{unix.AF_INET, byte(prefix.Bits()), 0, 0, table, 0, 0, kind}
	m.Data = binary.NativeEndian.AppendUint32(m.Data, flags)
	m.Data = append(m.Data, attribute(unix.RTA_DST, prefix.Addr().AsSlice())...)
	for _, a := range attributes {
		m.Data = append(m.Data, a...)
	}
	return m
}

func TestParseRoute(t *testing.T) {
	index := func(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
	single := attribute(unix.RTA_OIF, index(7))
	two := func(flags byte) []byte { return attribute(unix.RTA_MULTIPATH, append(hop(7, flags), hop(9, 0)...)) }
	tests := []struct {
		name string
		m    *syscall.NetlinkMessage
		want []int
		ok   bool
	}{
		{"one next hop", route(cloud, unix.RTN_UNICAST, unix.RT_TABLE_MAIN, 0, single), []int{7}, true},
		{"one that is dead", route(cloud, unix.RTN_UNICAST, unix.RT_TABLE_MAIN, unix.RTNH_F_DEAD, single), nil, true},
		{"two", route(cloud, unix.RTN_UNICAST, unix.RT_TABLE_MAIN, 0, two(0)), []int{7, 9}, true},
		{"two, and one has no link", route(cloud, unix.RTN_UNICAST, unix.RT_TABLE_MAIN, 0, two(unix.RTNH_F_LINKDOWN)), []int{9}, true},
		{"another prefix", route(site, unix.RTN_UNICAST, unix.RT_TABLE_MAIN, 0, single), []int{7}, false},
		{"another length", route(netip.MustParsePrefix("10.20.0.0/24"), unix.RTN_UNICAST, unix.RT_TABLE_MAIN, 0, single), nil, false},
		{"a black hole", route(cloud, unix.RTN_BLACKHOLE, unix.RT_TABLE_MAIN, 0), nil, false},
		{"another table", route(cloud, unix.RTN_UNICAST, 220, 0, single), nil, false},
		{"cut off", &syscall.NetlinkMessage{Header: syscall.NlMsghdr{Type: syscall.RTM_NEWROUTE}, Data: []byte{2}}, nil, false},
	}
	for _, test := range tests {
		r, ok := parseRoute(test.m, cloud)
		if ok != test.ok || ok && !cmp.Equal(r.hops, test.want) {
			t.Errorf("%s: got %v, %t; want %v, %t", test.name, r.hops, ok, test.want, test.ok)
		}
	}
	if got := multipath([]byte{3, 0, 0, 0, 1, 0, 0, 0}); !cmp.Equal(got, []int{1}) { // a length that would never end
		t.Errorf("a wrong length: got %v", got)
	}
}

func TestRouteWatch_FirstChangeAfter(t *testing.T) {
	begin := time.Unix(1000, 0)
	at := func(s int) time.Time { return begin.Add(time.Duration(s) * time.Second) }
	w := &routeWatch{}
	both, one := []string{"a", "b"}, []string{"b"}
	for s, hops := range [][]string{nil, both, both, one, one, both} {
		w.note(at(s), hops)
	}
	for _, test := range []struct {
		from int
		two  bool
		want int // -1: never
	}{{1, false, 3}, {0, true, 1}, {3, true, 5}, {3, false, -1}, {5, true, -1}} {
		got, ok := w.since(at(test.from), test.two)
		if ok != (test.want >= 0) || ok && got != at(test.want) {
			t.Errorf("after %d, two %t: got %v %t, want %d", test.from, test.two, got, ok, test.want)
		}
	}
	if w.last() != at(5) || !w.both() {
		t.Errorf("last %v, both %t", w.last(), w.both())
	}
}

func TestLabel_AFlowThatIsNotConcernedLosesNothing(t *testing.T) {
	by := []legs{{1, 1}, {1, 2}, {2, 1}, {2, 2}}
	flows := []drill.Flow{{Port: 1, Lost: 5}, {Port: 2}, {Port: 3, Lost: 1}, {Port: 4, Lost: 1}}
	exposed, problems := label(flows, by, anyLeg)
	if exposed != 3 || len(problems) != 1 || !strings.Contains(problems[0], "flow 4") {
		t.Errorf("any leg: %d exposed, %v", exposed, problems)
	}
	exposed, problems = label(flows, by, forwardLeg)
	if exposed != 2 || len(problems) != 2 || flows[1].Return != 2 || flows[2].Forward != 2 {
		t.Errorf("forward leg: %d exposed, %v", exposed, problems)
	}
}

func TestEvenly(t *testing.T) {
	found := map[legs][]uint16{{1, 1}: {1, 2, 3, 4, 5}, {1, 2}: {6, 7, 8, 9}, {2, 1}: {10, 11, 12, 13}, {2, 2}: {14, 15, 16, 17}}
	ports, by, err := evenly(found)
	if err != nil || len(ports) != flows || by[4] != (legs{1, 2}) || ports[4] != 6 {
		t.Errorf("got %v %v %v", ports, by, err)
	}
	delete(found, legs{2, 1})
	if _, _, err := evenly(found); err == nil || !strings.Contains(err.Error(), "go out by tunnel 2 and come back by tunnel 1") {
		t.Errorf("nothing goes out by 2 and comes back by 1: got %v", err)
	}
}

func TestSentIn(t *testing.T) {
	const file = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
aws10-0:    1200      12    0    0    0     0          0         0     4200      42    0    0    0     0       0          0
`
	if n, err := sentIn(bufio.NewScanner(strings.NewReader(file)), "aws10-0"); n != 42 || err != nil {
		t.Errorf("got %d, %v; want 42", n, err)
	}
	if _, err := sentIn(bufio.NewScanner(strings.NewReader(file)), "aws10"); err == nil {
		t.Error("a device that is not there has no count")
	}
}

func TestModuleOrder(t *testing.T) {
	const dep = "kernel/a.ko:\nkernel/b-x.ko: kernel/c.ko kernel/a.ko\nkernel/c.ko: kernel/a.ko\n"
	want := []string{"kernel/a.ko", "kernel/c.ko", "kernel/b-x.ko"}
	if diff := cmp.Diff(want, moduleOrder(dep, []string{"b_x", "builtin", "c"})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A daemon with one tunnel gets what is rendered for it, and nothing of the other.
func TestCustomerCharon_HasOneTunnel(t *testing.T) {
	c := Cell{"steady", Plain, gateway.StrongSwanBIRD, target}
	for i := range inside {
		alone, err := aloneSwanctl(theGateway(c), i, c.Device)
		if err != nil {
			t.Fatal(err)
		}
		own, other := awsOutside[i].String(), awsOutside[1-i].String()
		if !strings.Contains(alone, own) || strings.Contains(alone, other) || !strings.Contains(alone, labKey(i)) || strings.Contains(alone, labKey(1-i)) {
			t.Errorf("tunnel %d:\n%s", i, alone)
		}
	}
}

func TestExpectations(t *testing.T) {
	timers := tunnel.For(9 * time.Second)
	for _, test := range []struct {
		name      string
		r         *drill.Range
		low, high time.Duration
	}{
		{"hold", untilHold(timers), 2750 * time.Millisecond, 10 * time.Second},
		{"one way", untilOneWay(timers), 2750 * time.Millisecond, 13 * time.Second},
		{"at most", atMostHold(timers), 0, 10 * time.Second},
		{"nothing", nothing(timers), 0, 500 * time.Millisecond},
	} {
		if test.r.Low.Duration() != test.low || test.r.High.Duration() != test.high {
			t.Errorf("%s: got %s, want %s to %s", test.name, test.r, test.low, test.high)
		}
	}
}

func TestUntil(t *testing.T) {
	ctx := t.Context()
	if err := until(ctx, time.Millisecond, time.Microsecond, "a miracle", func() bool { return false }); err == nil || !strings.Contains(err.Error(), "for a miracle") {
		t.Errorf("time is up: got %v", err)
	}
	ended, end := context.WithCancelCause(ctx)
	why := errors.New("enough")
	end(why)
	if err := until(ended, time.Hour, time.Hour, "", func() bool { return false }); !errors.Is(err, context.Canceled) && !errors.Is(err, why) {
		t.Errorf("the context ended: got %v", err)
	}
}

func TestMain_IsOnlyForTheLab(t *testing.T) {
	for _, args := range [][]string{nil, {t.TempDir()}, {t.TempDir(), guest}} {
		if err := Main(t.Context(), args); err == nil {
			t.Errorf("%v: ran in a process that is not the lab's", args)
		}
	}
}

func TestSeats_OfAnInterruptedRunAreNotWaitedFor(t *testing.T) {
	s := newSeats(2)
	leave := s.take(t.Context(), 1)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	s.take(ctx, 2)() // does not hang
	leave()
	if len(s) != 0 {
		t.Errorf("%d seats are taken at the end", len(s))
	}
}
