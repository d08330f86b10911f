package lab

import (
	"context"
	"fmt"
	"time"

	"github.com/pathproof/pathproof/internal/drill"
	"github.com/pathproof/pathproof/internal/gateway"
	"github.com/pathproof/pathproof/internal/tunnel"
)

// Tier says what carries the tunnels' packets.
type Tier string

// The tiers.
const (
	// Plain needs nothing of the kernel: strongSwan encrypts in user space, which takes a daemon for each tunnel end.
	Plain Tier = "plain"

	// UML boots Debian's user-mode Linux as an ordinary process; its kernel encrypts, and one daemon has all tunnels of
	// the gateway, as in production. Its stock kernel has VTI devices and no xfrm interfaces.
	UML Tier = "uml"
)

// Tiers lists them.
func Tiers() []Tier { return []Tier{Plain, UML} }

// Devices lists the customer gateways that a lab can play.
func Devices() []gateway.Device {
	return []gateway.Device{gateway.StrongSwanBIRD, gateway.StrongSwanFRR}
}

// Cell is one scenario with one gateway in one tier.
type Cell struct {
	Scenario string         `json:"scenario"`
	Tier     Tier           `json:"tier"`
	Device   gateway.Device `json:"device"`
	Failover time.Duration  `json:"failover"` // the declared target; timers are derived from it as for production
}

// String names the cell for people.
func (c Cell) String() string {
	return fmt.Sprintf("%s, %s, %s, failover %s", c.Scenario, c.Tier, c.Device, c.Failover)
}

// timers are those of the customer gateway.
func (c Cell) timers() tunnel.Timers { return tunnel.For(tunnel.HoldFor(c.Failover)) }

// row is what is known of the cell's report before anything runs.
func (c Cell) row() *drill.Row {
	r := &drill.Row{Scenario: c.Scenario, Tier: string(c.Tier), Gateway: string(c.Device), Target: drill.Span(c.Failover)}
	if s := scenarioNamed(c.Scenario); s != nil {
		r.Fault, r.Side = s.fault, s.side
		r.Beyond = s.oneWay && c.timers().OneWay() > c.Failover
	}
	return r
}

// life bounds a cell from its start: what a healthy one may take, and the time that an unhealthy one is watched.
func (c Cell) life() time.Duration { return 3*time.Minute + 3*c.timers().Session() }

// hardLimit is how long a cell may take beyond its life before it is ended from outside.
const hardLimit = 20 * time.Second

// Options of a run.
type Options struct {
	Cells []Cell

	// Self is the command line that runs a cell: this program, with arguments after which the cell's folder, and maybe
	// more, are appended and handed to [Main]. The first is a path.
	Self []string

	// Parallel is how many cells run at once (4); one with user-mode Linux counts three. More of them distort what
	// each other measures.
	Parallel int

	// Keep, if set, is a folder that keeps each cell's files and logs. Default: none; they are deleted.
	Keep string

	// Done, if set, learns of each row as it is there; not at the same time.
	Done func(*drill.Row)
}

// Run runs all cells and reports them in their order. An error means that there is no report; a cell that could not be
// carried out is a row that says so.
func Run(ctx context.Context, o Options) (*drill.Report, error) { return run(ctx, o) }
