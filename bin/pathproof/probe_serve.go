package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/probe"
)

func newProbeServe() *cobra.Command {
	var config probe.ServerConfig
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer probes: TCP and UDP echo, and HTTP /whoami",
		Long: "serve answers what echo://, udp:// and http(s):// targets of probe run send: with what it got, whom it saw and where it runs.\n" +
			"An answer is never longer than its request. Only TCP is fit for the public Internet: a UDP sender can be forged.\n" +
			"It runs until a signal (SIGINT, SIGTERM) comes.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("no argument is expected, got %q; run %s --help", args[0], c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if config.Rate < 0 || config.Burst < 0 || config.Connections < 0 || config.Sources < 0 {
				return &usageError{errors.New("--rate, --burst, --connections and --sources must not be negative")}
			}
			return serve(c, config)
		},
	}
	flags := c.Flags()
	flags.StringVar(&config.TCP, "tcp", ":7007", "`ADDRESS` of TCP echo, empty for none")
	flags.StringVar(&config.UDP, "udp", "", "`ADDRESS` of UDP echo (default none)")
	flags.StringVar(&config.HTTP, "http", "", "`ADDRESS` of HTTP (default none)")
	flags.Float64Var(&config.Rate, "rate", 200, "requests a second of one source")
	flags.Float64Var(&config.Burst, "burst", 400, "requests of one source at once")
	flags.IntVar(&config.Connections, "connections", 1024, "TCP and HTTP connections open at once, of each")
	flags.IntVar(&config.Sources, "sources", 1<<16, "sources that are told apart")
	flags.StringVar(&config.Region, "region", "", "AWS Region that this server is in")
	flags.StringVar(&config.AZID, "az-id", "", "AZ `ID` that this server is in")
	flags.StringVar(&config.Instance, "instance", "", "`NAME` of this server, where there is no AZ ID")
	return c
}

func serve(c *cobra.Command, config probe.ServerConfig) error {
	s, err := probe.Listen(config)
	if err != nil {
		return err
	}
	for _, l := range []struct {
		name string
		addr fmt.Stringer
		on   bool
	}{{"tcp", s.TCPAddr(), s.TCPAddr().IsValid()}, {"udp", s.UDPAddr(), s.UDPAddr().IsValid()}, {"http", s.HTTPAddr(), s.HTTPAddr().IsValid()}} {
		if l.on {
			fmt.Fprintf(c.ErrOrStderr(), "listening  %s  %s\n", l.name, l.addr)
		}
	}
	err = s.Serve(c.Context())
	got := s.Stats()
	fmt.Fprintf(c.ErrOrStderr(), "answered %d, over the limit %d, not ours %d\n", got.Answered, got.Limited, got.Refused)
	return err
}
