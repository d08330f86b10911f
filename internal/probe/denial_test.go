package probe_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

func TestRun_Denials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		always := func(class probe.Class) *fake {
			return &fake{probe: func(int) (time.Duration, *probe.Failure) {
				if class == "" {
					return time.Millisecond, nil
				}
				return time.Millisecond, &probe.Failure{Class: class, Op: "connect"}
			}}
		}
		for _, test := range []struct {
			class  probe.Class
			expect probe.Expect
			held   bool
			proof  probe.Proof
		}{
			{"", probe.ExpectNever, false, ""},
			{"", probe.ExpectUnreachable, false, ""},
			{probe.Refused, probe.ExpectNever, true, probe.ProofRefusal},
			{probe.Refused, probe.ExpectUnreachable, false, ""},
			{probe.Timeout, probe.ExpectNever, true, probe.ProofSilence},
			{probe.Timeout, probe.ExpectUnreachable, true, probe.ProofSilence},
			{probe.Unreachable, probe.ExpectNever, true, probe.ProofUnreachable},
			{probe.Unreachable, probe.ExpectUnreachable, true, probe.ProofUnreachable},
			{probe.TLS, probe.ExpectNever, false, ""},         // there was a connection
			{probe.Reset, probe.ExpectUnreachable, false, ""}, // there, too
			{probe.Local, probe.ExpectNever, false, ""},       // nothing was tried
		} {
			res := run(t, t.Context(), probe.Plan{Count: 5, Paths: []probe.Path{{Name: "isolated", Prober: always(test.class), Expect: test.expect}}})
			d := res.Paths[0].Denial
			gotThrough := test.class == "" || test.class == probe.TLS || test.class == probe.Reset
			if d != nil && (d.Connected > 0) != gotThrough {
				t.Errorf("%s: %d probes got through", test.class, d.Connected)
			}
			if d == nil || d.Held != test.held || d.Proof != test.proof || d.Reading == "" {
				t.Errorf("%s, expected %s: got %+v, want held %v, proof %q", test.class, test.expect, d, test.held, test.proof)
			}
		}
	})
}

// A run too long for its samples still sees the one probe that got through.
func TestRun_DeniesLongRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		breach := &fake{probe: func(n int) (time.Duration, *probe.Failure) {
			if n == 70_000 {
				return time.Millisecond, nil
			}
			return time.Millisecond, &probe.Failure{Class: probe.Timeout, Op: "connect"}
		}}
		closed := &fake{probe: func(int) (time.Duration, *probe.Failure) {
			return time.Millisecond, &probe.Failure{Class: probe.Timeout, Op: "connect"}
		}}
		res := run(t, t.Context(), probe.Plan{
			Count: probe.MaxSamples + 1, Interval: time.Millisecond, Warmup: -1, OnSample: func(int, *probe.Sample) {},
			Paths: []probe.Path{
				{Name: "breach", Prober: breach, Expect: probe.ExpectUnreachable}, {Name: "closed", Prober: closed, Expect: probe.ExpectUnreachable},
			},
		})
		if d := res.Paths[0].Denial; d.Held || d.Connected != 1 || d.Silent != probe.MaxSamples {
			t.Errorf("one probe of many got through: got %+v", d)
		}
		if d := res.Paths[1].Denial; !d.Held || d.Proof != probe.ProofSilence || d.Silent != probe.MaxSamples+1 {
			t.Errorf("no probe got through: got %+v", d)
		}
	})
}
