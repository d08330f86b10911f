package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
	"github.com/pathproof/pathproof/internal/vpn/replacement"
)

// targetAddress finds the address of HOST:PORT or host/NAME.
func targetAddress(ctx context.Context, plan *topology.Plan, target string) (netip.AddrPort, error) {
	if name, ok := strings.CutPrefix(target, "host/"); ok {
		var declared []string
		for _, h := range plan.Hosts {
			switch {
			case h.Name == name && !h.IP.IsValid():
				return netip.AddrPort{}, errors.New("the host has no ip in the file; give it one, or give HOST:PORT")
			case h.Name == name:
				return netip.AddrPortFrom(h.IP, uint16(h.Port)), nil
			}
			declared = append(declared, h.Name)
		}
		return netip.AddrPort{}, fmt.Errorf("no such host, got %q; %s", name, problem.OneOf(name, declared))
	}
	host, port, err := net.SplitHostPort(target)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("not HOST:PORT, got %q; write it like 10.20.0.10:7007", target)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return netip.AddrPort{}, fmt.Errorf("not a port, got %q; use 1 to 65535", port)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("no IPv4 address: %w", err)
	}
	return netip.AddrPortFrom(found[0].Unmap(), uint16(n)), nil
}

// show says exactly what will happen.
func (f *liveFlags) show(w io.Writer, d *liveDrill, s *replacement.Subject) {
	fmt.Fprintf(w, "This takes a VPN tunnel down for some minutes, and cannot be taken back once AWS has begun:\n")
	fmt.Fprintf(w, "  network     %s, site %s in %s\n", d.plan.Name, d.site.Name, d.site.Place)
	fmt.Fprintf(w, "  connection  %s, %s on %s\n", s.Connection.Name, s.Connection.ID, s.Connection.TransitGatewayID)
	fmt.Fprintf(w, "  replaced    tunnel %s\n", tunnelLine(s.Tunnel))
	fmt.Fprintf(w, "  meanwhile   tunnel %s\n", tunnelLine(s.Other))
	for _, t := range d.targets {
		to := t.Name
		if address := t.Stream.Target.String(); address != to {
			to += " (" + address + ")"
		}
		fmt.Fprintf(w, "  measured    %d UDP flows to %s, a probe every %s in each\n", t.Stream.Flows, to, t.Stream.Interval)
	}
	if target := failoverOf(d.site); target > 0 {
		fmt.Fprintf(w, "  target      no flow silent for %s or longer (failover of the site)\n", target)
	}
	fmt.Fprintf(w, "  at most     %s\n", f.o.Before+f.o.Limit+f.o.After)
	for _, note := range s.Notes {
		fmt.Fprintf(w, "  note        %s\n", note)
	}
}

func tunnelLine(t *vpn.Tunnel) string {
	return fmt.Sprintf("%d: outside %s, inside %s, %s since %s, %d routes accepted", t.Number, t.Outside, t.Inside, t.Status, t.LastChange.Format(time.DateTime+" UTC"), t.AcceptedRoutes)
}

// confirm has the id of the connection typed. Who interrupts has not confirmed.
func confirm(c *cobra.Command, id string) error {
	fmt.Fprintf(c.ErrOrStderr(), "Type the id of the VPN connection to go on: ")
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n') // without a line nothing is confirmed
		typed <- strings.TrimSpace(line)
	}()
	select {
	case got := <-typed:
		if got != id {
			return &usageError{fmt.Errorf("not confirmed, got %q; nothing was replaced. Type %s, or use --yes where nobody types", got, id)}
		}
		return nil
	case <-c.Context().Done():
		return &usageError{errors.New("not confirmed: interrupted; nothing was replaced")}
	}
}
