package vpntest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// Cloud is AWS with a deployed network. Break of the server makes calls fail.
type Cloud struct {
	*cfntest.Server
	// OnReplace is called when a tunnel is replaced, while the cloud is locked.
	OnReplace func(*Tunnel)

	mu          sync.Mutex
	connections []*Connection
	secrets     map[string]string
}

// Connection is a VPN connection as EC2 has it.
type Connection struct {
	Name             string // site/connection of the plan
	ID, State        string
	SecretARN        string
	Configuration    string // CustomerGatewayConfiguration; empty: one with Address and ASN, and no keys
	Address, ASN     string // of the customer gateway; empty: EC2 tells neither
	Acceleration     bool
	Static           bool
	Tunnels          []*Tunnel
	transit, gateway string
}

// Tunnel is a tunnel as EC2 has it.
type Tunnel struct {
	Outside, Inside            string
	Site                       topology.Site // whose tunnel options EC2 answers
	Key                        string        // as EC2 answers it; empty: it does not
	Status, Message            string
	LastChange                 time.Time
	Routes                     int
	Lifecycle                  bool
	Pending                    string
	AutoApplied, LastApplied   time.Time
	IKE, Encryption, Integrity string
	DHGroup                    int
	Replaced                   int // how often it was; it is DOWN then
	Looks                      int // how often a replaced tunnel is described before it is UP again; 0: for ever
	left                       int
}

// Keys of the tunnels of every connection, which no output may show.
const (
	Key1 = "K1secretK1secretK1secret"
	Key2 = "K2secretK2secretK2secret"
)

// Noon is when everything last changed: long ago, whatever the clock says.
var Noon = time.Date(2025, 6, 30, 12, 0, 0, 0, time.UTC)

// Deploy plays AWS with a plan deployed, all tunnels up and all keys in Secrets Manager. The environment variables of the test
// lead every AWS SDK there.
func Deploy(t *testing.T, plan *topology.Plan) *Cloud {
	t.Helper()
	e := cfntest.New()
	for _, s := range change.StacksOf(plan) {
		if s.Account == "" {
			s.Account = cfntest.Account
		}
		if err := e.Deploy(s); err != nil {
			t.Fatal(err)
		}
	}
	server, err := cfntest.Serve(e)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cloud{Server: server, secrets: map[string]string{}}
	c.play()
	t.Cleanup(func() {
		if unknown := server.Unknown(); unknown != nil {
			t.Errorf("AWS was asked for what is not played: %v", unknown)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range plan.Sites {
		for _, planned := range s.Connections {
			c.add(plan, s, planned)
		}
	}
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "us-east-1",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "3"} {
		t.Setenv(name, value)
	}
	return c
}

func (c *Cloud) add(plan *topology.Plan, s *topology.Site, planned topology.Connection) {
	n := len(c.connections)
	id := c.Engine.Physical(plan.StackName(topology.LayerNetwork, s.Place), naming.LogicalID(naming.Site(s.Name), naming.Connection(planned.Name), naming.Resource))
	v := &Connection{Name: s.Name + "/" + planned.Name, ID: id, State: "available", Static: s.Static, Acceleration: s.Acceleration, transit: "tgw-0123456789abcdef0", gateway: "cgw-0123456789abcdef0",
		SecretARN: fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:s2svpn!%s-AbCdEf", s.Place.Region, cfntest.Account, id)}
	for _, g := range s.Gateways {
		if g.Name == planned.Gateway {
			v.Address, v.ASN = g.IP.String(), fmt.Sprint(g.ASN)
		}
	}
	for i, inside := range planned.Inside {
		v.Tunnels = append(v.Tunnels, &Tunnel{Site: *s, Outside: fmt.Sprintf("198.51.100.%d", 10+2*n+i), Inside: inside.String(), Status: "UP", LastChange: Noon, Routes: len(s.Prefixes),
			Message: fmt.Sprintf("%d BGP ROUTES", len(s.Prefixes)), Lifecycle: s.Lifecycle, Pending: "false", IKE: "ikev2", Encryption: "AES256-GCM-16", Integrity: "SHA2-384", DHGroup: 20})
	}
	c.secrets[v.SecretARN] = fmt.Sprintf(`{%q: %q, %q: %q}`, v.Tunnels[0].Outside, Key1, v.Tunnels[1].Outside, Key2)
	c.connections = append(c.connections, v)
}

// Change calls f with the connection of a name, SITE/CONNECTION, while nothing else reads it.
func (c *Cloud) Change(name string, f func(*Connection)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range c.connections {
		if v.Name == name {
			f(v)
			return
		}
	}
	panic("no connection " + name)
}

// SetSecret changes what Secrets Manager has for a connection.
func (c *Cloud) SetSecret(v *Connection, text string) { c.secrets[v.SecretARN] = text }

// Lose makes a connection one that somebody deleted by hand.
func (c *Cloud) Lose(name string) {
	c.Change(name, func(v *Connection) { v.ID = "vpn-elsewhere" })
}

// Config returns the settings of an SDK client in a Region.
func (c *Cloud) Config(region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &c.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "none", "")}
}
