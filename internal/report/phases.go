package report

import (
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/probe"
)

// phasesOf lists what probes of a kind measure; the main phase is first.
var phasesOf = map[probe.Kind][]probe.Phase{
	probe.KindTCP:     {probe.PhaseConnect},
	probe.KindTCPEcho: {probe.PhaseWait, probe.PhaseConnect, probe.PhaseTotal},
	probe.KindUDPEcho: {probe.PhaseWait},
	probe.KindHTTP: {probe.PhaseConnect, probe.PhaseDNS, probe.PhaseTLS, probe.PhaseSend, probe.PhaseWait,
		probe.PhaseReceive, probe.PhaseTotal},
	probe.KindDNS:  {probe.PhaseWait, probe.PhaseTotal},
	probe.KindICMP: {probe.PhaseWait},
}

// Phases lists what probes of a kind measure, in the order in which it happens.
func Phases(k probe.Kind) []probe.Phase {
	return slices.DeleteFunc(probe.AllPhases(), func(p probe.Phase) bool { return !slices.Contains(phasesOf[k], p) })
}

// MainPhase is the phase that stands for a kind where there is room for one: wait for HTTP, since connect ends at
// whatever ends TCP.
func MainPhase(k probe.Kind) probe.Phase {
	switch k {
	case probe.KindHTTP:
		return probe.PhaseWait
	case probe.KindTCP:
		return probe.PhaseConnect
	}
	return probe.PhaseWait
}

// CommonPhase is what two kinds of probes can be compared by; false if there is nothing.
func CommonPhase(a, b probe.Kind) (probe.Phase, bool) {
	for _, phase := range []probe.Phase{MainPhase(a), MainPhase(b), probe.PhaseWait, probe.PhaseConnect} {
		if slices.Contains(phasesOf[a], phase) && slices.Contains(phasesOf[b], phase) {
			return phase, true
		}
	}
	return "", false
}

// SynLoss reports whether probes of a kind watch a TCP handshake.
func SynLoss(k probe.Kind) bool {
	return k == probe.KindTCP || k == probe.KindTCPEcho || k == probe.KindHTTP
}

// KernelTimed reports whether the kernel times a phase of a kind where it tells. What it times must not be compared with
// what it does not.
func KernelTimed(k probe.Kind, phase probe.Phase) bool {
	switch phase {
	case probe.PhaseConnect:
		return true
	case probe.PhaseWait:
		return k != probe.KindHTTP
	}
	return false
}

// clock says by whose clock a phase of a path was timed. A path tells it of its kind's main phase only.
func clock(r *probe.Result, p *probe.PathResult, phase probe.Phase) probe.Timing {
	main := probe.PhaseWait
	if p.Kind == probe.KindTCP || p.Kind == probe.KindHTTP {
		main = probe.PhaseConnect
	}
	switch {
	case phase == main:
		return p.Timing
	case phase == probe.PhaseConnect && strings.HasPrefix(envOf(r, p).OS, "linux/"): // of a TCP echo
		return probe.TimingKernel
	}
	return probe.TimingUserspace
}
