package bgpstate

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// birdProtocol is the head line of a protocol: name, kind, table, state, since, info.
var birdProtocol = regexp.MustCompile(`^\S+\s+(\S+)\s+\S+\s+(up|down|start|stop)\b`)

// parseBIRD reads what BIRD prints for its BGP protocols (seen with 2.0.12). What stands under a protocol is indented.
func parseBIRD(text []byte) ([]Neighbor, error) {
	var out []Neighbor
	var errs []error
	var n *Neighbor
	advertised, side := map[string]bool{}, ""
	finish := func() {
		if n == nil {
			return
		}
		n.GracefulRestart = advertised["Local"] && advertised["Neighbor"]
		if !n.Address.IsValid() {
			errs = append(errs, errors.New("a BGP protocol without a neighbor address; give the output of birdc show protocols all"))
		} else {
			out = append(out, *n)
		}
		n, advertised, side = nil, map[string]bool{}, ""
	}
	for line := range strings.Lines(string(text)) {
		if m := birdProtocol.FindStringSubmatch(line); m != nil {
			finish()
			if m[1] == "BGP" {
				n = &Neighbor{State: "Down"}
			}
			continue
		}
		if n == nil {
			continue
		}
		switch word := strings.TrimSpace(line); word {
		case "Local capabilities", "Neighbor capabilities":
			side = strings.Fields(word)[0]
		case "Graceful restart":
			advertised[side] = true
		default:
			errs = append(errs, n.bird(word))
		}
	}
	finish()
	return out, errors.Join(errs...)
}

// bird takes one line, KEY: VALUE.
func (n *Neighbor) bird(line string) (err error) {
	key, value, ok := strings.Cut(line, ":")
	value = strings.TrimSpace(value)
	if !ok {
		return nil
	}
	switch key {
	case "BGP state":
		n.State = value
	case "Neighbor address":
		n.Address, err = netip.ParseAddr(strings.SplitN(value, "%", 2)[0])
	case "Neighbor AS":
		n.RemoteAS, err = strconv.ParseInt(value, 10, 64)
	case "Hold timer":
		n.Hold, err = birdTimer(value)
	case "Keepalive timer":
		n.Keepalive, err = birdTimer(value)
	case "Routes":
		_, err = fmt.Sscanf(value, "%d imported", &n.Accepted)
	}
	if err != nil {
		return fmt.Errorf("%s: not understood, got %q: %w", key, value, err)
	}
	return nil
}

// birdTimer reads LEFT/WHOLE, in seconds.
func birdTimer(text string) (time.Duration, error) {
	_, whole, _ := strings.Cut(text, "/")
	seconds, err := strconv.ParseFloat(whole, 64)
	return time.Duration(seconds * float64(time.Second)), err
}

// What FortiOS prints about a neighbor. Its line of configured timers begins with another word.
var (
	fortiNeighbor = regexp.MustCompile(`^BGP neighbor is ([0-9a-fA-F.:]+), remote AS ([0-9]+)`)
	fortiState    = regexp.MustCompile(`^BGP state = ([A-Za-z]+)`)
	fortiTimers   = regexp.MustCompile(`^Last read [^,]*, hold time is ([0-9]+), keepalive interval is ([0-9]+) seconds`)
	fortiAccepted = regexp.MustCompile(`^([0-9]+) accepted prefixes`)
)

// parseFortiGate reads what FortiOS prints (from published outputs; no device was at hand).
func parseFortiGate(text []byte) ([]Neighbor, error) {
	var out []Neighbor
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if m := fortiNeighbor.FindStringSubmatch(line); m != nil {
			address, err := netip.ParseAddr(m[1])
			if err != nil {
				return nil, fmt.Errorf("not an address, got %q", m[1])
			}
			as, _ := strconv.ParseInt(m[2], 10, 64) // digits
			out = append(out, Neighbor{Address: address, RemoteAS: as})
			continue
		}
		if len(out) > 0 {
			out[len(out)-1].forti(line)
		}
	}
	for i := range out {
		if n := &out[i]; n.State == "" {
			return nil, fmt.Errorf("neighbor %s: no BGP state; give the whole output of get router info bgp neighbors", n.Address)
		}
	}
	return out, nil
}

func (n *Neighbor) forti(line string) {
	number := func(text string) int {
		v, _ := strconv.Atoi(text) // digits
		return v
	}
	if m := fortiState.FindStringSubmatch(line); m != nil {
		n.State = m[1]
	}
	if m := fortiTimers.FindStringSubmatch(line); m != nil {
		n.Hold, n.Keepalive = time.Duration(number(m[1]))*time.Second, time.Duration(number(m[2]))*time.Second
	}
	if m := fortiAccepted.FindStringSubmatch(line); m != nil && n.Accepted == 0 { // IPv4 comes first
		n.Accepted = number(m[1])
	}
	if rest, ok := strings.CutPrefix(line, "Graceful restart:"); ok && strings.Contains(rest, "advertised") && strings.Contains(rest, "received") {
		n.GracefulRestart = true
	}
}
