package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/bgpstate"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn/status"
)

type vpnStatusFlags struct {
	profile, gateway, output string
	sites                    []string
}

func newVPNStatus() *cobra.Command {
	var f vpnStatusFlags
	c := &cobra.Command{
		Use:   "status [FILE]",
		Short: "Show tunnels, BGP, pending maintenance and negotiated ciphers of the deployed VPN connections",
		Long: "status reads the VPN connections that FILE (default pathproof.yaml) deployed, in the Region and account of each site, and judges them: a tunnel\n" +
			"is up when EC2 says so and AWS accepts as many routes as the site has prefixes. What a missing permission hides is named (docs/VPN.md).\n" +
			"With --gateway it judges the negotiated BGP timers too, which no API of AWS tells: give it what the gateway prints for\n" +
			"vtysh -c 'show bgp neighbors json', birdc show protocols all, or get router info bgp neighbors (FortiGate).\n" +
			"Exit status: 0 all tunnels are up, 1 something is down, degraded or unknown, 2 wrong input. Maintenance and ciphers that cannot be read are\n" +
			"named, and change nothing about it.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, fileOf(args)) },
	}
	c.Flags().StringSliceVar(&f.sites, "site", nil, "only these `SITES`, separated by commas (default: all)")
	c.Flags().StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
	c.Flags().StringVar(&f.gateway, "gateway", "", "`FILE` with what a customer gateway says about its BGP sessions; - is standard input")
	c.Flags().StringVarP(&f.output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}

func (f *vpnStatusFlags) run(c *cobra.Command, file string) error {
	write, err := writerOf(f.output, status.WriteText, status.WriteJSON)
	if err != nil {
		return err
	}
	plan, sites, err := vpnPlan(c, file, f.sites)
	if err != nil {
		return err
	}
	software, neighbors, err := f.readGateway(c)
	if err != nil {
		return err
	}
	clients := &vpnClients{profile: f.profile}
	r := status.Read(c.Context(), time.Now().UTC().Truncate(time.Second), plan, sites, func(ctx context.Context, at topology.Place) (status.Reader, error) { return clients.open(ctx, at) })
	if err := c.Context().Err(); err != nil {
		return err
	}
	if f.gateway != "" {
		if err := r.AddGateway(sites, software, neighbors); err != nil {
			return &usageError{fmt.Errorf("--gateway %s: %w", f.gateway, err)}
		}
	}
	if err := write(c.OutOrStdout(), r); err != nil {
		return err
	}
	if r.Verdict != status.Up {
		return exitStatus(exitOther)
	}
	return nil
}

// writerOf is the writer of a format, text or json.
func writerOf[T any](format string, text, json func(io.Writer, T) error) (func(io.Writer, T) error, error) {
	switch format {
	case "text":
		return text, nil
	case "json":
		return json, nil
	}
	return nil, &usageError{fmt.Errorf("--output: unknown format, got %q; use text or json", format)}
}

// largestOutput bounds what is read of a gateway, in bytes: a neighbor has about 5 kB.
const largestOutput = 16 << 20

func (f *vpnStatusFlags) readGateway(c *cobra.Command) (string, []bgpstate.Neighbor, error) {
	if f.gateway == "" {
		return "", nil, nil
	}
	in := c.InOrStdin()
	if f.gateway != "-" {
		file, err := os.Open(f.gateway)
		if err != nil {
			return "", nil, &usageError{fmt.Errorf("--gateway: %w; give a file, or - for standard input", err)}
		}
		defer file.Close()
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, largestOutput))
	if err != nil {
		return "", nil, fmt.Errorf("--gateway %s: %w", f.gateway, err)
	}
	software, neighbors, err := bgpstate.Parse(text)
	if err != nil {
		return "", nil, &usageError{fmt.Errorf("--gateway %s: %w", f.gateway, err)}
	}
	return software, neighbors, nil
}
