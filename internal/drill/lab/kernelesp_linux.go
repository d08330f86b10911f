package lab

import (
	"context"
	"fmt"

	"github.com/pathproof/pathproof/internal/gateway"
)

// kernelESP carries tunnels as production does: one daemon has all of the customer's, with the files at their own places
// and nothing changed, and the kernel encrypts. AWS's endpoints are two machines.
type kernelESP struct {
	*world
	ends     [2]*host
	internet *host
	aws      [2]*charon
	customer *charon
}

func (k *kernelESP) build() (err error) {
	if k.internet, err = newHost("internet"); err != nil {
		return err
	}
	for i := range inside {
		if k.ends[i], err = newHost(fmt.Sprintf("aws%d", i+1)); err != nil {
			return err
		}
		dev := fmt.Sprintf("a%d", i)
		err := firstError(
			connect(k.internet, dev, k.ends[i], "u0"),
			k.internet.IP(fmt.Sprintf("address add 203.0.113.1 peer %s dev %s", awsOutside[i], dev)),
			k.ends[i].IP(fmt.Sprintf("address add %s peer 203.0.113.1 dev u0\nroute add default via 203.0.113.1", awsOutside[i])))
		if err != nil {
			return err
		}
	}
	return firstError(
		connect(k.internet, "c0", k.idc, "u0"),
		k.internet.IP(fmt.Sprintf("address add 198.51.100.254 peer %s dev c0", customerPublic)),
		k.idc.IP(fmt.Sprintf("address add %s peer 198.51.100.254 dev u0\nroute add 203.0.113.0/24 via 198.51.100.254", customerPublic)))
}

func (k *kernelESP) path(int) *host { return k.internet }

// startAWS leaves an interface alone that is there already: it outlives the daemon.
func (k *kernelESP) startAWS(ctx context.Context, i int) (err error) {
	if k.aws[i] == nil {
		if err := k.interfaceOf(i); err != nil {
			return err
		}
		if k.aws[i], err = privateCharon(k.world, k.ends[i], k.ends[i].name, "", awsOptions, awsSwanctl(k.world, i)); err != nil {
			return err
		}
	}
	return k.aws[i].startAndLoad(ctx)
}

func (k *kernelESP) interfaceOf(i int) error {
	return firstError(
		k.ends[i].IP(fmt.Sprintf("link add %[1]s type vti local %[2]s remote %[3]s key %[4]d\nlink set %[1]s netns %[5]s", vpn(i), awsOutside[i], customerPublic, i+1, k.tgw.Path())),
		k.tgw.Set("ipv4.conf."+vpn(i)+".disable_policy=1"),
		k.tgw.IP(fmt.Sprintf("address add %s/30 dev %[2]s\nlink set %[2]s mtu %[3]d up", inside[i].Addr().Next(), vpn(i), k.gw.MTU())))
}

func (k *kernelESP) startCustomer(ctx context.Context) error {
	if k.customer == nil {
		k.customer = &charon{world: k.world, host: k.idc, name: "customer"}
		if _, err := k.idc.run(ctx, "/"+gateway.FileScript, "up"); err != nil {
			return err
		}
		// Nothing is changed, but charon has nowhere to log here. The other is all that Debian's file says.
		err := firstError(
			writeFile("/etc/strongswan.d/lab-log.conf", "charon-systemd {\n"+filelog(k.log("customer"))+"}\n", 0o644),
			writeFile("/etc/swanctl/swanctl.conf", "include conf.d/*.conf\n", 0o644))
		if err != nil {
			return err
		}
	}
	return k.customer.startAndLoad(ctx)
}

// killAWS ends the endpoint's machine: its kernel forgets what it could decrypt.
func (k *kernelESP) killAWS(ctx context.Context, tunnel int) error {
	k.aws[tunnel].kill()
	_, err := k.ends[tunnel].run(ctx, "ip", "xfrm", "state", "flush")
	if err == nil {
		_, err = k.ends[tunnel].run(ctx, "ip", "xfrm", "policy", "flush")
	}
	return err
}

func (k *kernelESP) killCustomer() { k.customer.kill() }

func (k *kernelESP) listSAs(ctx context.Context) string {
	out, _ := k.customer.swanctl(ctx, "--list-sas")
	return out
}
