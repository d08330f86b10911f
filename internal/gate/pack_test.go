package gate

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestPack(t *testing.T) {
	c := loaded(t, twoVantages())
	before := wellFound(c)[0].Result
	var v VantageResponse
	if err := v.Pack(before); err != nil || v.SamplesDropped {
		t.Fatal(err, v.SamplesDropped)
	}
	after, err := UnpackResult(v.Result)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after, cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}), cmpopts.IgnoreUnexported(probe.Failure{})); diff != "" {
		t.Error(diff)
	}
}

// The most samples that a vantage may be asked for fit; more go without them, and the counts stay.
func TestPack_TooLong(t *testing.T) {
	c := loaded(t, twoVantages())
	noisy := func(n int) *probe.Result {
		rng := rand.New(rand.NewPCG(1, 1))
		r := finding(c, "seoul/app/apne2-az1", found(c.Path("idc"), n, 0, 5*ms)).Result
		for i := range r.Paths[0].Samples {
			s := &r.Paths[0].Samples[i]
			s.Phases.Connect, s.Elapsed, s.Lag = probe.Micros(rng.IntN(1e6)), probe.Micros(rng.IntN(1e6)), probe.Micros(rng.IntN(1e4))
			s.Local = netip.AddrPortFrom(netip.MustParseAddr("10.10.1.7"), uint16(rng.IntN(1<<16)))
		}
		return r
	}
	var v VantageResponse
	if err := v.Pack(noisy(MaxAnswer)); err != nil || v.SamplesDropped {
		t.Errorf("%d samples make %d bytes", MaxAnswer, len(v.Result))
	}
	big := noisy(0)
	for i := range 8 {
		p := noisy(MaxAnswer).Paths[0]
		p.Name = strings.Repeat("x", i+1)
		big.Paths = append(big.Paths, p)
	}
	if err := v.Pack(big); err != nil || !v.SamplesDropped {
		t.Errorf("%d samples fit: %d bytes, %v", 8*MaxAnswer, len(v.Result), err)
	}
	after, err := UnpackResult(v.Result)
	if err != nil || after.Paths[1].Sent != MaxAnswer || len(after.Paths[1].Samples) != 0 {
		t.Errorf("got %v", err)
	}
}

func TestUnpack_TrustsNothing(t *testing.T) {
	zipped := func(text string) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(text))
		_ = z.Close()
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		result []byte
		want   string
	}{
		"nothing":      {nil, "EOF"},
		"no gzip":      {[]byte("hello, hello"), "gzip"},
		"cut":          {zipped(`{"schema": "pathproof/probe-result/v1"}`)[:20], "EOF"},
		"no JSON":      {zipped("hello"), "no probe result"},
		"other schema": {zipped(`{"schema": "x"}`), "no probe result"},
		"bomb":         {zipped(strings.Repeat(" ", maxUnpacked+1)), "longer than"},
		"wild samples": {zipped(`{"schema": "pathproof/probe-result/v1", "paths": [{"samples": [{"i": 99999999}]}]}`), "out of range"},
	} {
		v := VantageResponse{Result: c.result}
		if _, err := UnpackResult(v.Result); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
