package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/topology"
)

// pkiAccess is a PKI as a person reaches it.
type pkiAccess struct {
	users *clientprofile.Users
	// address is what a parameter of SSM holds: where something deployed is.
	address func(ctx context.Context, region, parameter string) (string, error)
	// clientVPN reaches the Client VPN endpoints of a Region.
	clientVPN func(region string) clientVPNs
}

// openPKI reaches a PKI of a plan with a profile of the AWS configuration.
type openPKI func(ctx context.Context, profile string, plan *topology.Plan, p *topology.PKI) (*pkiAccess, error)

// profileFlags are those of every command below client-profile.
type profileFlags struct {
	open                         openPKI
	config, pki, profile         string
	server, through, proto, file string
	days                         int
}

func newClientProfile(open openPKI) *cobra.Command {
	f := profileFlags{open: open}
	c := &cobra.Command{
		Use:   "client-profile",
		Short: "Let people in and out: OpenVPN and Client VPN profiles",
		Long: "client-profile adds and revokes the users of a PKI, and writes their profiles. A user's key is made on this machine and kept in\n" +
			"one secret of Secrets Manager. All of it may be repeated, and done by several people at a time (docs/OPENVPN.md).\n\n" +
			"Exit status: 0 done, 2 wrong input (also: no such user), 1 anything else, such as a missing permission.",
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	flags := c.PersistentFlags()
	flags.StringVar(&f.config, "config", defaultFile, "`FILE` that describes the network")
	flags.StringVar(&f.pki, "pki", "", "`NAME` of the PKI (default the only one)")
	flags.StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
	c.AddCommand(f.add(), f.revoke(), f.get(), f.list())
	return c
}

func (f *profileFlags) add() *cobra.Command {
	c := &cobra.Command{
		Use:   "add USER",
		Short: "Let a user in; who is in already stays so",
		Args:  oneUser,
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(a *pkiAccess, _ *topology.Plan, p *topology.PKI) error {
				days := p.ClientDays
				if c.Flags().Changed("days") {
					days = f.days
				}
				if days < 1 || days > 1095 {
					return &usageError{fmt.Errorf("--days: out of range, got %d; use 1 to 1095", days)}
				}
				added, err := a.users.Add(c.Context(), args[0], time.Duration(days)*24*time.Hour)
				if err != nil {
					return err
				}
				state := "in already"
				if added.New {
					state = "added"
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s  %s until %s, certificate %s\n", args[0], state, added.NotAfter.Format(time.DateOnly), added.Serial)
				return err
			})
		},
	}
	c.Flags().IntVar(&f.days, "days", 0, "how long the certificate is good (default the PKI's clientValidity)")
	return c
}

func (f *profileFlags) revoke() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke USER",
		Short: "Keep a user out from now on",
		Long: "revoke puts the user's certificates on the list that servers fetch every minute, and deletes the profile. A connection that is\n" +
			"up ends when its keys are negotiated anew, within an hour. Endpoints of AWS Client VPN are given their list at once, which resets\n" +
			"everybody's connections there, and the user's are ended.",
		Args: oneUser,
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(a *pkiAccess, plan *topology.Plan, p *topology.PKI) error {
				a.users.PutOut = func(ctx context.Context, user string) error { return a.putOut(ctx, plan, p, user, c.OutOrStdout()) }
				n, err := a.users.Revoke(c.Context(), args[0])
				if err != nil {
					return err
				}
				state := "revoked"
				if n == 0 {
					state = "revoked already"
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s  %s\n", args[0], state)
				return err
			})
		},
	}
}

func (f *profileFlags) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all users",
		Args:  noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.with(c, func(a *pkiAccess, _ *topology.Plan, _ *topology.PKI) error {
				users, err := a.users.List(c.Context())
				for _, u := range users {
					fmt.Fprintln(c.OutOrStdout(), u)
				}
				return err
			})
		},
	}
}

func (f *profileFlags) get() *cobra.Command {
	c := &cobra.Command{
		Use:   "get USER",
		Short: "Write the profile of a user for a server",
		Long: "get writes the profile into a file that nobody else can read, USER-SERVER.ovpn (of Client VPN USER-clientVpn-NAME.ovpn) unless\n" +
			"--out says otherwise. It holds a private\n" +
			"key. Its ways are tried in order: straight to the server, then through accelerators. --server accelerator/NAME/LISTENER is for a\n" +
			"listener with several servers: its profile takes whichever of them answers.",
		Args: oneUser,
		RunE: func(c *cobra.Command, args []string) error {
			return f.with(c, func(a *pkiAccess, plan *topology.Plan, p *topology.PKI) error { return f.write(c, args[0], a, plan, p) })
		},
	}
	c.Flags().StringVar(&f.server, "server", "", "`NAME` of the server: openvpn/NAME, clientVpn/NAME, or accelerator/NAME/LISTENER for one of several (default the only one)")
	c.Flags().StringVar(&f.through, "through", "", "only this `WAY`: direct, or accelerator/NAME/LISTENER")
	c.Flags().StringVar(&f.proto, "protocol", "", "only over tcp or udp")
	c.Flags().StringVar(&f.file, "out", "", "`FILE` to write; - is standard output")
	return c
}

func (f *profileFlags) write(c *cobra.Command, user string, a *pkiAccess, plan *topology.Plan, p *topology.PKI) error {
	e, err := choose(entrances(plan, p.Name), f.server, f.through, f.proto)
	if err != nil {
		return &usageError{err}
	}
	text, ends, err := a.render(c.Context(), user, plan, e)
	if err != nil {
		return err
	}
	if pki.Due(ends, time.Now(), pki.ClientRenew) {
		fmt.Fprintf(c.ErrOrStderr(), "note: the certificate ends on %s; pathproof client-profile add %s renews it\n", ends.Format(time.DateOnly), user)
	}
	if f.file == "-" {
		_, err = fmt.Fprint(c.OutOrStdout(), text)
		return err
	}
	file := f.file
	if file == "" {
		file = e.file(user)
	}
	if err := atomicfile.WritePrivate(file, []byte(text)); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", file)
	return err
}

// file is the name of a user's profile.
func (e entrance) file(user string) string {
	name := e.ref
	if e.clientVPN == nil {
		name = e.ref[strings.Index(e.ref, "/")+1:]
	}
	return user + "-" + strings.ReplaceAll(name, "/", "-") + ".ovpn"
}

// render is the profile of a user for an entrance, and when it ends.
func (a *pkiAccess) render(ctx context.Context, user string, plan *topology.Plan, e entrance) (string, time.Time, error) {
	if e.clientVPN != nil {
		return a.clientVPNProfile(ctx, user, plan, e)
	}
	profile := pki.Profile{Comment: fmt.Sprintf("%s at %s, %s", user, plan.Name, e.ref), ServerName: e.serverName, ServerPrefix: e.prefix}
	for _, w := range e.ways {
		host, err := a.address(ctx, w.region, w.parameter)
		if err != nil {
			return "", time.Time{}, err
		}
		profile.Remotes = append(profile.Remotes, pki.Remote{Host: host, Port: w.port, Protocol: w.protocol})
	}
	return a.users.Get(ctx, user, profile)
}

// with reads the file, finds the PKI and reaches it.
func (f *profileFlags) with(c *cobra.Command, do func(*pkiAccess, *topology.Plan, *topology.PKI) error) error {
	r := check.File(f.config)
	if !r.OK() {
		return errors.Join(r.Print(c.ErrOrStderr()), errInput)
	}
	p, err := f.choosePKI(r.Plan)
	if err != nil {
		return &usageError{err}
	}
	a, err := f.open(c.Context(), f.profile, r.Plan, p)
	if err == nil {
		err = do(a, r.Plan, p)
	}
	var input *clientprofile.InputError
	if errors.As(err, &input) {
		return &usageError{err}
	}
	return err
}

func (f *profileFlags) choosePKI(plan *topology.Plan) (*topology.PKI, error) {
	var names []string
	for _, p := range plan.PKIs {
		names = append(names, p.Name)
	}
	p := plan.PKI(f.pki)
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("%s: there is no PKI; declare one below pki", f.config)
	case f.pki == "" && len(names) == 1:
		return plan.PKIs[0], nil
	case f.pki == "":
		return nil, fmt.Errorf("--pki: missing, and there are several; name one of %s", strings.Join(names, ", "))
	case p == nil:
		return nil, fmt.Errorf("--pki: unknown, got %q; name one of %s", f.pki, strings.Join(names, ", "))
	}
	return p, nil
}

func noArgument(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Errorf("no argument is expected, got %q; run %s --help", args[0], c.CommandPath())}
	}
	return nil
}

// oneUser wants exactly one name of a user.
func oneUser(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Errorf("one user is expected, got %d; run %s --help", len(args), c.CommandPath())}
	}
	if err := clientprofile.CheckUser(args[0]); err != nil {
		return &usageError{err}
	}
	return nil
}
