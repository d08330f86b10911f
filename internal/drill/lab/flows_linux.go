package lab

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/pathproof/pathproof/internal/drill"
)

const flows = 16

// legs are the tunnels, counted from 1, that the routers choose for a flow: each direction is hashed on its own.
type legs struct{ forward, back int }

// pickPorts asks the kernels of both routers which tunnel they would choose for a number of source ports, and picks as many
// for each of the four combinations as there are.
func (w *world) pickPorts(ctx context.Context) ([]uint16, []legs, error) {
	const first, candidates = 20000, 128
	var there, back strings.Builder
	for port := first; port < first+candidates; port++ {
		fmt.Fprintf(&there, "route get to %s from %s iif l0 ipproto udp sport %d dport %d\n", cloudHost, siteHost, port, echoPort)
		fmt.Fprintf(&back, "route get to %s from %s iif v0 ipproto udp sport %d dport %d\n", siteHost, cloudHost, echoPort, port)
	}
	own := func(i int) string { return w.gw.Tunnels[i].Interface() }
	forward, err := w.idc.choices(ctx, there.String(), own)
	if err != nil {
		return nil, nil, err
	}
	returns, err := w.tgw.choices(ctx, back.String(), vpn)
	if err != nil {
		return nil, nil, err
	}
	if len(forward) != candidates || len(returns) != candidates {
		return nil, nil, fmt.Errorf("flows: asked for %d routes, got %d and %d", candidates, len(forward), len(returns))
	}
	found := map[legs][]uint16{}
	for i := range candidates {
		l := legs{forward[i], returns[i]}
		found[l] = append(found[l], uint16(first+i))
	}
	return evenly(found)
}

// evenly takes as many ports of each combination as there should be, the lowest ones first.
func evenly(found map[legs][]uint16) (ports []uint16, by []legs, err error) {
	for _, l := range []legs{{1, 1}, {1, 2}, {2, 1}, {2, 2}} {
		if len(found[l]) < flows/4 {
			return nil, nil, fmt.Errorf("flows: only %d source ports go out by tunnel %d and come back by tunnel %d, want %d; do flows spread over both tunnels?",
				len(found[l]), l.forward, l.back, flows/4)
		}
		for _, port := range found[l][:flows/4] {
			ports, by = append(ports, port), append(by, l)
		}
	}
	return ports, by, nil
}

// choices reads which of the tunnels' devices each route uses, in order; 0 is neither.
func (h *host) choices(ctx context.Context, questions string, device func(tunnel int) string) (out []int, err error) {
	text, err := h.feed(ctx, questions, "ip", "-o", "-batch", "-")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		at := slices.Index(words, "dev") + 1
		chosen := 0
		for i := range inside {
			if at > 0 && at < len(words) && words[at] == device(i) {
				chosen = i + 1
			}
		}
		out = append(out, chosen)
	}
	return out, nil
}

// sentPackets returns how many packets a device of a host has sent.
func (h *host) sentPackets(device string) (n int, err error) {
	err = h.Do(func() error {
		f, err := os.Open("/proc/thread-self/net/dev")
		if err != nil {
			return err
		}
		defer f.Close()
		n, err = sentIn(bufio.NewScanner(f), device)
		return err
	})
	return n, err
}

// sentIn reads /proc/net/dev: name, eight figures of what came in, bytes and packets that went out.
func sentIn(lines *bufio.Scanner, device string) (int, error) {
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if figures := strings.Fields(rest); strings.TrimSpace(name) == device && len(figures) > 9 {
			return strconv.Atoi(figures[9])
		}
	}
	return 0, fmt.Errorf("no device %s", device)
}

// label writes into each flow which tunnels carried it, and returns how many the fault concerns. Flows that lost something
// although no tunnel of theirs is concerned are problems.
func label(measured []drill.Flow, by []legs, exposes func(forward, back int) bool) (exposed int, problems []string) {
	for i := range measured {
		f := &measured[i]
		f.Forward, f.Return = by[i].forward, by[i].back
		if exposes(f.Forward, f.Return) {
			exposed++
		} else if f.Hit() {
			problems = append(problems, fmt.Sprintf("flow %d lost %d probes although it goes out by tunnel %d and comes back by tunnel %d", f.Port, f.Lost, f.Forward, f.Return))
		}
	}
	return exposed, problems
}
