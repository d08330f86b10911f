package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/topology"
)

func newGateway() *cobra.Command {
	c := &cobra.Command{
		Use:   "gateway",
		Short: "Configure the customer gateways of sites",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("unknown command, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newGatewayRender())
	return c
}

// renderFlags are those of gateway render.
type renderFlags struct {
	site, gateway, device, vendor, out, profile string
	deployed, showSecrets                       bool
}

func newGatewayRender() *cobra.Command {
	var f renderFlags
	c := &cobra.Command{
		Use:   "render [FILE]",
		Short: "Write the configuration of a customer gateway, ready to load",
		Long: "render writes the configuration of a site's gateway as FILE (default pathproof.yaml) and, with --deployed, AWS have it: tunnel\n" +
			"interfaces, IPsec, BGP with ECMP. Without --deployed placeholders stand where AWS decides: outside addresses and pre-shared keys.\n" +
			"To standard output keys are hidden, unless --show-secrets is given; files of --out that hold keys have mode 0600.\n" +
			"--vendor takes AWS's own sample for a kind of device that pathproof does not know. docs/GATEWAY.md says how to load what comes out.\n" +
			"Exit status: 0 written, 2 the configuration or the command line is wrong, 1 anything else; then nothing is written.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, fileOf(args)) },
	}
	c.Flags().StringVar(&f.site, "site", "", "`SITE` of the gateway (default: the only one)")
	c.Flags().StringVar(&f.gateway, "gateway", "", "`NAME` of the gateway (default: the only one of the site)")
	c.Flags().StringVar(&f.device, "device", "", "`KIND` of device: "+deviceNames()+" (default: the file's device)")
	c.Flags().StringVar(&f.vendor, "vendor", "", "AWS's sample for a device type, by `ID` or VENDOR/PLATFORM/SOFTWARE; list lists them")
	c.Flags().StringVar(&f.out, "out", "", "`FOLDER` to write the files into, all or none (default: standard output)")
	c.Flags().BoolVar(&f.deployed, "deployed", false, "take outside addresses and keys from what is deployed")
	c.Flags().BoolVar(&f.showSecrets, "show-secrets", false, "write pre-shared keys to standard output too")
	c.Flags().StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
	return c
}

func deviceNames() string {
	var out []string
	for _, d := range gateway.Devices() {
		out = append(out, string(d))
	}
	return strings.Join(out, ", ")
}

func (f *renderFlags) run(c *cobra.Command, file string) error {
	if err := f.check(); err != nil {
		return &usageError{err}
	}
	r := check.File(file)
	if err := r.Print(c.ErrOrStderr()); err != nil {
		return err
	}
	if !r.OK() {
		return errInput
	}
	s, err := gateway.SiteOf(r.Plan, f.site)
	if err != nil {
		return &usageError{fmt.Errorf("--site: %w", err)}
	}
	if f.vendor == "list" {
		return f.listVendors(c, s)
	}
	d, err := gateway.Choose(s, f.gateway)
	if err != nil {
		return &usageError{fmt.Errorf("--gateway: %w", err)}
	}
	if f.vendor != "" {
		return f.sample(c, r.Plan, s, d)
	}
	return f.render(c, r.Plan, s, d)
}

func (f *renderFlags) render(c *cobra.Command, plan *topology.Plan, s *topology.Site, d topology.Gateway) error {
	device, err := f.deviceOf(s, d)
	if err != nil {
		return &usageError{err}
	}
	g, err := gateway.FromPlan(plan, s, d)
	if err != nil {
		return &usageError{err}
	}
	if f.deployed {
		if err := f.fill(c.Context(), plan, s, g); err != nil {
			return err
		}
	}
	g.HideKeys = f.hides()
	files, err := gateway.Render(g, device)
	if err != nil {
		return &usageError{err}
	}
	if !f.deployed {
		fmt.Fprintln(c.ErrOrStderr(), "note: placeholders stand for outside addresses and pre-shared keys, which AWS decides; deploy, and render again with --deployed")
	}
	if err := f.alone(device); err != nil {
		return &usageError{err}
	}
	return f.write(c, files)
}

// alone refuses a folder with files of another device: loaded together they would start its daemon too.
func (f *renderFlags) alone(device gateway.Device) error {
	if f.out == "" {
		return nil
	}
	var errs []error
	for _, name := range gateway.Foreign(device) {
		if _, err := os.Lstat(filepath.Join(f.out, filepath.FromSlash(name))); err == nil {
			errs = append(errs, fmt.Errorf("--out %s: %s of another device than %s is there; delete it, or use another folder", f.out, name, device))
		}
	}
	return errors.Join(errs...)
}

// check refuses flags that contradict each other.
func (f *renderFlags) check() error {
	switch {
	case f.vendor != "" && f.device != "":
		return errors.New("--device and --vendor: a device that pathproof renders, or AWS's sample; leave one out")
	case f.showSecrets && f.out != "":
		return errors.New("--show-secrets and --out: it is for standard output, files hold the keys in any case; leave --show-secrets out")
	case f.showSecrets && !f.deployed && f.vendor == "":
		return errors.New("--show-secrets: there are no keys before they are deployed; add --deployed, or leave it out")
	case f.device != "" && !slices.Contains(gateway.Devices(), gateway.Device(f.device)):
		return fmt.Errorf("--device: unknown device, got %q; use one of %s, or AWS's sample with --vendor", f.device, deviceNames())
	}
	return nil
}

// hides reports whether keys are not to be seen.
func (f *renderFlags) hides() bool { return f.out == "" && !f.showSecrets }

// deviceOf is what the command line says the gateway is, or the file.
func (f *renderFlags) deviceOf(s *topology.Site, d topology.Gateway) (gateway.Device, error) {
	device := cmp.Or(gateway.Device(f.device), gateway.Device(d.Appliance.Device))
	if device == "" {
		return "", fmt.Errorf("gateway %s of site %s has no device in the file; add device: to it, or give --device (%s) or --vendor", d.Name, s.Name, deviceNames())
	}
	return device, nil
}

// write writes all files, or prints them.
func (f *renderFlags) write(c *cobra.Command, files []gateway.File) error {
	if f.out == "" {
		return gateway.WriteText(c.OutOrStdout(), files)
	}
	var out []atomicfile.File
	for _, x := range files {
		out = append(out, atomicfile.File{Name: x.Name, Mode: x.Mode, Data: x.Content()})
	}
	if err := atomicfile.WriteAll(f.out, out); err != nil {
		return fmt.Errorf("--out %s: nothing is written: %w", f.out, err)
	}
	for _, x := range files {
		fmt.Fprintf(c.ErrOrStderr(), "wrote %s/%s (mode %04o)\n", strings.TrimSuffix(f.out, "/"), x.Name, x.Mode)
	}
	return nil
}
