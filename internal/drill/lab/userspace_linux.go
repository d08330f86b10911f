package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/gateway"
)

// userspace carries tunnels by kernel-libipsec. That library has one TUN device for each daemon and picks the tunnel of a
// packet by its addresses only, so each tunnel end has a daemon of its own, in a namespace of its own, and its TUN device
// is moved to where the tunnel's interface belongs. Both of the customer's daemons have the customer's one address, each
// with its own way to AWS.
type userspace struct {
	*world
	ends, sides, paths [2]*host // AWS's endpoints, the customer's, and what is between
	aws, customer      [2]*charon
}

func (u *userspace) build() error {
	for i := range inside {
		for _, h := range []struct {
			name string
			to   **host
		}{{"aws", &u.ends[i]}, {"path", &u.paths[i]}, {"customer", &u.sides[i]}} {
			var err error
			if *h.to, err = newHost(fmt.Sprintf("%s%d", h.name, i+1)); err != nil {
				return err
			}
		}
		err := firstError(
			connect(u.paths[i], "a0", u.ends[i], "u0"), connect(u.paths[i], "c0", u.sides[i], "u0"),
			u.paths[i].IP(fmt.Sprintf("address add 203.0.113.1 peer %s dev a0\naddress add 198.51.100.254 peer %s dev c0", awsOutside[i], customerPublic)),
			u.ends[i].IP(fmt.Sprintf("address add %s peer 203.0.113.1 dev u0\nroute add default via 203.0.113.1", awsOutside[i])),
			u.sides[i].IP(fmt.Sprintf("address add %s peer 198.51.100.254 dev u0\nroute add default via 198.51.100.254", customerPublic)))
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *userspace) path(tunnel int) *host { return u.paths[tunnel] }

func (u *userspace) startAWS(ctx context.Context, i int) (err error) {
	u.aws[i], err = privateCharon(u.world, u.ends[i], u.ends[i].name, "", awsOptions, awsSwanctl(u.world, i))
	if err != nil {
		return err
	}
	if err := u.startEnd(ctx, u.aws[i], u.tgw, vpn(i)); err != nil {
		return err
	}
	return firstError(
		u.tgw.IP(fmt.Sprintf("address add %s/30 dev %s\nlink set %s mtu %d up", inside[i].Addr().Next(), vpn(i), vpn(i), u.gw.MTU())),
		u.aws[i].load(ctx))
}

// startCustomer starts those daemons that do not run. Each gets what is rendered for a gateway with its tunnel alone, and
// what the library needs beside it.
func (u *userspace) startCustomer(ctx context.Context) error {
	var started []*charon
	for i := range u.sides {
		if u.customer[i] != nil {
			continue
		}
		c, err := u.customerCharon(i)
		if err != nil {
			return err
		}
		if err := u.startEnd(ctx, c, u.idc, u.gw.Tunnels[i].Interface()); err != nil {
			return err
		}
		u.customer[i] = c
		started = append(started, c)
	}
	if _, err := u.idc.run(ctx, "/"+gateway.FileScript, "up"); err != nil {
		return err
	}
	for _, c := range started {
		if err := c.load(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (u *userspace) customerCharon(i int) (*charon, error) {
	swanctl, err := aloneSwanctl(u.gw, i, u.cell.Device)
	if err != nil {
		return nil, err
	}
	return privateCharon(u.world, u.sides[i], u.sides[i].name, "include /"+gateway.FileCharon+"\n", "  routing_table = 220\n  routing_table_prio = 40000\n", swanctl)
}

// aloneSwanctl is what is rendered for swanctl of a gateway with one of the tunnels only.
func aloneSwanctl(g *gateway.Gateway, tunnel int, d gateway.Device) (text string, err error) {
	alone := *g
	alone.Tunnels = g.Tunnels[tunnel : tunnel+1]
	files, err := gateway.Render(&alone, d)
	if err != nil {
		return "", err
	}
	for _, f := range files {
		if f.Name == gateway.FileConnections || f.Name == gateway.FileSecrets {
			text += string(f.Content())
		}
	}
	return text, nil
}

// startEnd starts a daemon and moves its TUN device to another host. The library insists on a route by the device's name,
// so something of that name has to stay.
func (u *userspace) startEnd(ctx context.Context, c *charon, to *host, name string) error {
	_ = c.host.IP("link del ipsec0") // left by one that was killed
	if err := c.start(ctx); err != nil {
		return err
	}
	err := until(ctx, 10*time.Second, 20*time.Millisecond, "the TUN device of "+c.name, func() bool {
		_, err := c.host.run(ctx, "ip", "link", "show", "ipsec0")
		return err == nil
	})
	if err != nil {
		return err
	}
	return c.host.IP(fmt.Sprintf("link set ipsec0 down\nlink set ipsec0 name %s\nlink set %s netns %s\nlink add ipsec0 type bridge\nlink set ipsec0 up", name, name, to.Path()))
}

func (u *userspace) killAWS(_ context.Context, tunnel int) error {
	u.aws[tunnel].kill()
	return nil
}

func (u *userspace) killCustomer() {
	u.customer[0].kill()
	u.customer[0] = nil
}

func (u *userspace) listSAs(ctx context.Context) (all string) {
	for _, c := range u.customer {
		if c != nil {
			out, _ := c.swanctl(ctx, "--list-sas")
			all += out
		}
	}
	return all
}
