package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

func newVPN() *cobra.Command {
	c := &cobra.Command{
		Use:   "vpn",
		Short: "Look at the VPN tunnels of a deployed network, and drill their failover",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("unknown command, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newVPNStatus(), newVPNDrill(), newVPNLabCell())
	return c
}

// vpnPlan checks FILE and finds the sites of a name, all for none.
func vpnPlan(c *cobra.Command, file string, names []string) (*topology.Plan, []*topology.Site, error) {
	r := check.File(file)
	if err := r.Print(c.ErrOrStderr()); err != nil {
		return nil, nil, err
	}
	if !r.OK() {
		return nil, nil, errInput
	}
	if len(r.Plan.Sites) == 0 {
		return nil, nil, &usageError{fmt.Errorf("%s: no sites, so there is no VPN; declare one (docs/CONFIGURATION.md)", file)}
	}
	if len(names) == 0 {
		return r.Plan, r.Plan.Sites, nil
	}
	var sites []*topology.Site
	for _, name := range names {
		s := r.Plan.Site(name)
		if s == nil {
			var declared []string
			for _, x := range r.Plan.Sites {
				declared = append(declared, x.Name)
			}
			return nil, nil, &usageError{fmt.Errorf("--site: no such site, got %q; %s", name, problem.OneOf(name, declared))}
		}
		sites = append(sites, s)
	}
	return r.Plan, sites, nil
}

// vpnClients opens clients of places with the credentials of a profile, which are looked for once.
type vpnClients struct {
	profile string
	aws     *deployed.AWS
	err     error
	clients map[topology.Place]*vpn.Client
}

func (v *vpnClients) open(ctx context.Context, at topology.Place) (*vpn.Client, error) {
	if v.aws == nil && v.err == nil {
		v.aws, v.err = deployed.Connect(ctx, v.profile)
		v.clients = map[topology.Place]*vpn.Client{}
	}
	if v.err != nil {
		return nil, v.err
	}
	if c := v.clients[at]; c != nil {
		return c, nil
	}
	qualifier, err := bootstrapQualifier("cdk.json")
	if err != nil {
		return nil, err
	}
	cfg, assumed, err := v.aws.Config(ctx, at, qualifier)
	if err != nil {
		return nil, err
	}
	v.clients[at] = vpn.New(cfg, assumed)
	return v.clients[at], nil
}
