package report

import (
	"testing"

	"github.com/pathproof/pathproof/internal/probe"
)

// An echo's payload is timed by the program, the handshake before it by the kernel of a system that tells.
func TestClock(t *testing.T) {
	for _, tt := range []struct {
		os    string
		kind  probe.Kind
		by    probe.Timing
		phase probe.Phase
		want  probe.Timing
	}{
		{"linux/arm64", probe.KindTCP, probe.TimingKernel, probe.PhaseConnect, probe.TimingKernel},
		{"linux/arm64", probe.KindTCPEcho, probe.TimingUserspace, probe.PhaseWait, probe.TimingUserspace},
		{"linux/arm64", probe.KindTCPEcho, probe.TimingUserspace, probe.PhaseConnect, probe.TimingKernel},
		{"darwin/arm64", probe.KindTCPEcho, probe.TimingUserspace, probe.PhaseConnect, probe.TimingUserspace},
		{"linux/arm64", probe.KindHTTP, probe.TimingKernel, probe.PhaseConnect, probe.TimingKernel},
		{"linux/arm64", probe.KindHTTP, probe.TimingKernel, probe.PhaseWait, probe.TimingUserspace},
		{"linux/arm64", probe.KindICMP, probe.TimingKernel, probe.PhaseWait, probe.TimingKernel},
		{"linux/arm64", probe.KindDNS, probe.TimingKernel, probe.PhaseTotal, probe.TimingUserspace},
	} {
		r := &probe.Result{Env: probe.Env{OS: tt.os}}
		if got := clock(r, &probe.PathResult{Kind: tt.kind, Timing: tt.by}, tt.phase); got != tt.want {
			t.Errorf("%s of %s on %s: got %s, want %s", tt.phase, tt.kind, tt.os, got, tt.want)
		}
	}
}
