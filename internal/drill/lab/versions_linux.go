package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/gateway"
	netlab "github.com/pathproof/pathproof/internal/probe/lab"
)

var versionIn = regexp.MustCompile(`\d+\.\d+(\.\d+)*`)

// versions asks the programs of the lab; those that do not say are left out.
func versions() []drill.Version {
	var out []drill.Version
	for _, p := range []struct {
		name    string
		command []string
	}{
		{"strongSwan", []string{"swanctl", "--version"}}, {"BIRD", []string{"bird", "--version"}}, {"FRR", []string{"/usr/lib/frr/bgpd", "--version"}},
	} {
		said, err := exec.Command(p.command[0], p.command[1:]...).CombinedOutput()
		if v := versionIn.FindString(string(said)); err == nil && v != "" {
			out = append(out, drill.Version{Name: p.name, Version: v})
		}
	}
	return out
}

// needed are the programs that cells start, with the Debian packages that they are in.
var needed = []struct {
	program, pkg string
	tier         Tier           // "": all
	device       gateway.Device // "": all
}{
	{"charon-systemd", "charon-systemd", "", ""},
	{"swanctl", "strongswan-swanctl", "", ""},
	{"/usr/lib/ipsec/plugins/libstrongswan-kernel-libipsec.so", "libcharon-extra-plugins", Plain, ""},
	{"/usr/lib/ipsec/plugins/libstrongswan-openssl.so", "libstrongswan-standard-plugins", "", ""},
	{"bird", "bird2", "", ""}, // it plays AWS's end, whatever the customer has
	{"/usr/lib/frr/bgpd", "frr", "", gateway.StrongSwanFRR},
	{"vtysh", "frr", "", gateway.StrongSwanFRR},
	{"nft", "nftables", "", ""},
	{"ping", "iputils-ping", "", ""},
	{"sysctl", "procps", "", ""},
	{umlKernel, "user-mode-linux", UML, ""},
}

// Available returns nil if this machine can carry out the cells, or all that is missing.
func Available(cells []Cell) error {
	if err := netlab.Available(); err != nil {
		return err
	}
	var errs []error
	for _, n := range needed {
		wanted := slices.ContainsFunc(cells, func(c Cell) bool {
			return (n.tier == "" || n.tier == c.Tier) && (n.device == "" || n.device == c.Device)
		})
		if wanted && !present(n.program) {
			errs = append(errs, fmt.Errorf("%s is missing; install the Debian package %s", n.program, n.pkg))
		}
	}
	return errors.Join(errs...)
}

// present looks for a program, or for a file if there is a path.
func present(program string) bool {
	if program[0] == '/' {
		_, err := os.Stat(program)
		return err == nil
	}
	_, err := exec.LookPath(program)
	return err == nil
}
