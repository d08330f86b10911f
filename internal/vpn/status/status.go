// Package status judges the VPN connections of a network as deployed: tunnels, BGP against the contract of each site, pending
// maintenance, what IKE negotiated, and the timers that customer gateways negotiated. What one call may not read is named and
// leaves the rest as it is.
package status

import (
	"net/netip"
	"time"
)

// Verdict is the state of a tunnel or of what is made of tunnels.
type Verdict string

// The verdicts, the best first.
const (
	Up       Verdict = "up"
	Degraded Verdict = "degraded" // it carries traffic, but not as the file says or not with all its tunnels
	Unknown  Verdict = "unknown"  // it could not be read
	Down     Verdict = "down"
)

// Report is what was found.
type Report struct {
	Network string    `json:"network"`
	At      time.Time `json:"at"`
	Verdict Verdict   `json:"verdict"`
	Sites   []Site    `json:"sites"`
	// Gateway is what a customer gateway said; nil if none was asked.
	Gateway *Gateway `json:"customer_gateway,omitempty"`
	// Problems are what could not be read, and what to do about it.
	Problems []string `json:"problems,omitempty"`
}

// Site is a site with its connections.
type Site struct {
	Name     string         `json:"name"`
	Place    string         `json:"place"`
	Static   bool           `json:"static"`
	Contract []netip.Prefix `json:"prefixes"` // that it announces by the file
	// Failover is the declared target in seconds, 0 for none; Worst is what the plan's arithmetic reaches. Directions say
	// which side decides.
	Failover    float64      `json:"failover_s"`
	Worst       float64      `json:"worst_s"`
	Arithmetic  string       `json:"arithmetic"`
	Directions  []string     `json:"directions,omitempty"`
	Verdict     Verdict      `json:"verdict"`
	Connections []Connection `json:"vpn_connections"`
}

// Connection is a VPN connection.
type Connection struct {
	Name            string   `json:"name"`
	ID              string   `json:"id"`
	State           string   `json:"state"`
	CustomerGateway string   `json:"customer_gateway_id"`
	TransitGateway  string   `json:"transit_gateway_id"`
	Verdict         Verdict  `json:"verdict"`
	Reasons         []string `json:"reasons,omitempty"`
	Tunnels         []Tunnel `json:"tunnels"`
}

// Tunnel is a tunnel. Addresses are empty when EC2 has none.
type Tunnel struct {
	Name             string       `json:"name"` // CONNECTION/NUMBER
	Outside          string       `json:"outside,omitempty"`
	Inside           string       `json:"inside"`
	Status           string       `json:"status,omitempty"` // EC2's
	LastChange       *time.Time   `json:"last_change,omitempty"`
	Message          string       `json:"message,omitempty"`
	AcceptedRoutes   int          `json:"accepted_routes"`
	LifecycleControl bool         `json:"lifecycle_control"`
	Maintenance      *Maintenance `json:"maintenance,omitempty"` // nil: not known
	Negotiated       *Negotiated  `json:"negotiated,omitempty"`  // nil: not known
	Verdict          Verdict      `json:"verdict"`
	Reasons          []string     `json:"reasons,omitempty"` // why it is not up
	Notes            []string     `json:"notes,omitempty"`   // what does not change the verdict
}

// Maintenance is the state of a tunnel endpoint's maintenance.
type Maintenance struct {
	Pending          bool       `json:"pending"`
	Said             string     `json:"pending_as_said,omitempty"` // EC2's word for it
	AutoAppliedAfter *time.Time `json:"auto_applied_after,omitempty"`
	LastApplied      *time.Time `json:"last_applied,omitempty"`
}

// Negotiated is what IKE agreed on, in EC2's words.
type Negotiated struct {
	IKEVersion       string `json:"ike_version,omitempty"`
	Phase1Encryption string `json:"phase1_encryption,omitempty"`
	Phase1Integrity  string `json:"phase1_integrity,omitempty"`
	Phase1DHGroup    int    `json:"phase1_dh_group,omitempty"`
	Phase2Encryption string `json:"phase2_encryption,omitempty"`
	Phase2Integrity  string `json:"phase2_integrity,omitempty"`
	Phase2DHGroup    int    `json:"phase2_dh_group,omitempty"`
	Provisioning     string `json:"provisioning_status,omitempty"`
}

// Gateway is what a customer gateway said about its BGP sessions.
type Gateway struct {
	Software  string     `json:"software"`
	Neighbors []Neighbor `json:"neighbors"`
}

// Neighbor is a BGP session of a customer gateway.
type Neighbor struct {
	Address   string  `json:"address"`
	Tunnel    string  `json:"tunnel,omitempty"` // CONNECTION/NUMBER; empty: none of the file's
	State     string  `json:"state"`
	Hold      float64 `json:"hold_s"` // negotiated; 0 while the session is not established
	Keepalive float64 `json:"keepalive_s"`
	Accepted  int     `json:"accepted_prefixes"`
}

// severity orders verdicts, the best first.
var severity = map[Verdict]int{Up: 0, Degraded: 1, Unknown: 2, Down: 3}

func worse(x, y Verdict) Verdict {
	if severity[y] > severity[x] {
		return y
	}
	return x
}

// together is the verdict on what is made of equal parts: it works while one does.
func together(parts []Verdict) Verdict {
	if len(parts) == 0 {
		return Unknown
	}
	all := parts[0]
	for _, p := range parts[1:] {
		if p != all {
			return Degraded
		}
	}
	return all
}
