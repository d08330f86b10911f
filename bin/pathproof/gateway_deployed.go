package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpn"
)

// fill takes what AWS decided about a gateway's tunnels from what is deployed.
func (f *renderFlags) fill(ctx context.Context, plan *topology.Plan, s *topology.Site, g *gateway.Gateway) error {
	client, err := f.client(ctx, s)
	if err != nil {
		return err
	}
	connections, err := connectionsOf(ctx, client, plan, s, g.Name)
	if err != nil {
		return err
	}
	var errs []error
	for _, v := range connections {
		errs = append(errs, f.fillConnection(ctx, client, g, v))
	}
	return errors.Join(errs...)
}

// client calls AWS where the site's VPN connections are.
func (f *renderFlags) client(ctx context.Context, s *topology.Site) (*vpn.Client, error) {
	qualifier, err := bootstrapQualifier("cdk.json")
	if err != nil {
		return nil, err
	}
	aws, err := deployed.Connect(ctx, f.profile)
	if err != nil {
		return nil, err
	}
	cfg, assumed, err := aws.Config(ctx, s.Place, qualifier)
	if err != nil {
		return nil, err
	}
	return vpn.New(cfg, assumed), nil
}

// connectionsOf reads the VPN connections of one gateway. They are complete, and deployed as the file says: what
// is rendered of a file that is ahead of its deployment would not come up.
func connectionsOf(ctx context.Context, client *vpn.Client, plan *topology.Plan, s *topology.Site, name string) ([]*vpn.Connection, error) {
	own := *s
	own.Connections = slices.DeleteFunc(slices.Clone(s.Connections), func(c topology.Connection) bool { return c.Gateway != name })
	found, err := client.Site(ctx, plan, &own)
	errs := []error{err}
	for _, v := range found {
		errs = append(errs, v.Complete(), v.Differences(s))
	}
	return found, errors.Join(errs...)
}

// fillConnection fills in both tunnels of a connection. Keys that nobody is to see are not fetched.
func (f *renderFlags) fillConnection(ctx context.Context, client *vpn.Client, g *gateway.Gateway, v *vpn.Connection) error {
	var keys [2]secret.Text
	if !f.hides() {
		var err error
		if keys, err = client.Keys(ctx, v); err != nil {
			return err
		}
	}
	for i := range g.Tunnels {
		if t := &g.Tunnels[i]; t.Connection == v.Name {
			t.ConnectionID, t.Outside, t.Key = v.ID, v.Tunnels[t.Number-1].Outside, keys[t.Number-1]
		}
	}
	return nil
}

// deviceTypes asks AWS what it has samples for.
func (f *renderFlags) deviceTypes(ctx context.Context, s *topology.Site) (*vpn.Client, []vpn.DeviceType, error) {
	client, err := f.client(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	types, err := client.DeviceTypes(ctx)
	return client, types, err
}

// listVendors lists what AWS has samples for.
func (f *renderFlags) listVendors(c *cobra.Command, s *topology.Site) error {
	_, types, err := f.deviceTypes(c.Context(), s)
	if err != nil {
		return err
	}
	for _, t := range types {
		fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", t.ID, vendorName(t))
	}
	return nil
}

// sample writes AWS's own sample for each VPN connection of the gateway.
func (f *renderFlags) sample(c *cobra.Command, plan *topology.Plan, s *topology.Site, d topology.Gateway) error {
	if f.hides() {
		return &usageError{errors.New("--vendor: AWS's sample may hold pre-shared keys, and nothing says where; write it with --out (mode 0600), or print it with --show-secrets")}
	}
	if !slices.ContainsFunc(s.Connections, func(c topology.Connection) bool { return c.Gateway == d.Name }) {
		return &usageError{fmt.Errorf("gateway %s of site %s: no tunnels; declare a VPN connection that names it", d.Name, s.Name)}
	}
	client, types, err := f.deviceTypes(c.Context(), s)
	if err != nil {
		return err
	}
	id, err := chooseVendor(types, f.vendor)
	if err != nil {
		return &usageError{err}
	}
	connections, err := connectionsOf(c.Context(), client, plan, s, d.Name)
	if err != nil {
		return err
	}
	var files []gateway.File
	for _, v := range connections {
		text, err := client.SampleConfiguration(c.Context(), v, id)
		if err != nil {
			return err
		}
		files = append(files, gateway.SecretFile(v.Name+".txt", text))
	}
	return f.write(c, files)
}

func vendorName(t vpn.DeviceType) string { return t.Vendor + "/" + t.Platform + "/" + t.Software }

// chooseVendor finds a device type by its id, or by the beginning of its name.
func chooseVendor(types []vpn.DeviceType, want string) (string, error) {
	var found, names []string
	id := ""
	for _, t := range types {
		name := vendorName(t)
		names = append(names, name)
		switch {
		case t.ID == want || strings.EqualFold(name, want):
			return t.ID, nil
		case strings.HasPrefix(strings.ToLower(name), strings.ToLower(want)):
			found, id = append(found, fmt.Sprintf("%s (%s)", name, t.ID)), t.ID
		}
	}
	switch len(found) {
	case 1:
		return id, nil
	case 0:
		advice := "--vendor list lists them"
		if closest := problem.Closest(want, names); closest != "" {
			advice = fmt.Sprintf("did you mean %s? %s", closest, advice)
		}
		return "", fmt.Errorf("--vendor: AWS has no sample for that, got %q; %s", want, advice)
	}
	return "", fmt.Errorf("--vendor: several device types begin so, got %q; name one: %s", want, strings.Join(found, ", "))
}
