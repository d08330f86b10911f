package vpn

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/topology"
)

// Connection is a VPN connection as deployed.
type Connection struct {
	Site string
	// Name is that of the file.
	Name  string
	Place topology.Place
	// ID is the VPN connection's id, vpn-....
	ID string
	// State is what EC2 says: pending, available, deleting or deleted.
	State string
	// CustomerGatewayID and TransitGatewayID are what it joins.
	CustomerGatewayID, TransitGatewayID string
	// Acceleration says that tunnels end at AWS's edge locations. Static says that there is no BGP.
	Acceleration, Static bool
	// Secret is the ARN of the secret that EC2 names for the pre-shared keys. It may be there although a tunnel keeps its key
	// in Standard storage, so Tunnel.KeyStorage decides. Empty: none.
	Secret string
	// Tunnels are tunnel 1 and 2, in the order of the file's inside CIDRs.
	Tunnels [2]Tunnel
	// foreign are inside CIDRs that EC2 has and the file does not.
	foreign []netip.Prefix
	// customerAddress and customerASN are those of the customer gateway. Empty: EC2 does not tell.
	customerAddress, customerASN string
}

// Where a tunnel's pre-shared key lies.
const (
	StorageStandard       = "Standard"
	StorageSecretsManager = "SecretsManager"
)

// Tunnel is one tunnel of a connection.
type Tunnel struct {
	// Number is 1 or 2.
	Number int
	// Inside is the inside CIDR: its first address is AWS's, its second one the customer gateway's.
	Inside netip.Prefix
	// Outside is AWS's end of the tunnel. Invalid: EC2 has no such tunnel, or no address for it yet.
	Outside netip.Addr
	// Status is UP or DOWN; with BGP, UP means that the session is established. Empty: EC2 says nothing about the tunnel.
	Status string
	// LastChange is when IKE, IPsec or BGP last changed. Zero: unknown.
	LastChange time.Time
	// AcceptedRoutes counts the routes that AWS accepted by BGP.
	AcceptedRoutes int
	// Message is EC2's, empty when there is nothing to say.
	Message string
	// LifecycleControl says that maintenance waits until it is asked for or its time has come.
	LifecycleControl bool
	// KeyStorage is StorageStandard or StorageSecretsManager.
	KeyStorage string
	// options are the IKE and IPsec options that EC2 tells, by key of the file.
	options map[string]string
}

// Up reports whether the tunnel is up.
func (t *Tunnel) Up() bool { return t.Status == "UP" }

// Label names the connection as the file's resources are named.
func (c *Connection) Label() string { return label(c.Site, c.Name) }

func label(site, connection string) string { return "site/" + site + "/vpnConnection/" + connection }

// TunnelLabel names a tunnel as the command line does: CONNECTION/NUMBER.
func (c *Connection) TunnelLabel(t *Tunnel) string { return fmt.Sprintf("%s/%d", c.Name, t.Number) }

// Complete reports what is missing for two tunnels that a gateway can be configured for: nil, or every problem.
func (c *Connection) Complete() error {
	var errs []error
	if c.State != "available" {
		errs = append(errs, fmt.Errorf("%s: connection %s is not available, got state %q; wait for the end of its change, or deploy again", c.Label(), c.ID, c.State))
	}
	for i := range c.Tunnels {
		if t := &c.Tunnels[i]; !t.Outside.IsValid() {
			errs = append(errs, fmt.Errorf("%s: tunnel %d is half configured: %s", c.Label(), t.Number, c.missing(t)))
		}
	}
	return errors.Join(errs...)
}

// missing says why a tunnel has no outside address.
func (c *Connection) missing(t *Tunnel) string {
	if len(c.foreign) == 0 {
		return fmt.Sprintf("EC2 has no outside address for inside CIDR %s of %s; wait until the connection is made, then look at its tunnel options", t.Inside, c.ID)
	}
	var have []string
	for _, p := range c.foreign {
		have = append(have, p.String())
	}
	return fmt.Sprintf("%s has no tunnel with inside CIDR %s, got %s; deploy the file, or write what is deployed into it", c.ID, t.Inside, strings.Join(have, " and "))
}
