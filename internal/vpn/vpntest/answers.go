package vpntest

import (
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/topology"
)

// play answers the operations that concern VPN connections.
func (c *Cloud) play() {
	c.Play("ec2", "DescribeVpnConnections", c.describe)
	c.Play("ec2", "GetVpnTunnelReplacementStatus", c.tunnel(maintenance))
	c.Play("ec2", "GetActiveVpnTunnelStatus", c.tunnel(negotiated))
	c.Play("ec2", "ReplaceVpnTunnel", c.replace)
	c.Play("ec2", "GetVpnConnectionDeviceTypes", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, deviceTypes{Types: []deviceType{{"9005b6c1", "Strongswan", "Ubuntu 16.04", "Strongswan 5.5.1+"}, {"7125681a", "Fortinet", "Fortigate 40+ Series", "FortiOS 6.4.4+ (GUI)"}}})
	})
	c.Play("ec2", "GetVpnConnectionDeviceSampleConfiguration", c.sample)
	c.Play("secretsmanager", "GetSecretValue", c.secret)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "text/xml")
	_ = xml.NewEncoder(w).Encode(v) // the client is gone, or a test fails by what it got
}

// refuse answers as EC2 does.
func refuse(w http.ResponseWriter, code, message string) {
	type fault struct {
		XMLName xml.Name `xml:"Response"`
		Code    string   `xml:"Errors>Error>Code"`
		Message string   `xml:"Errors>Error>Message"`
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusBadRequest)
	_ = xml.NewEncoder(w).Encode(fault{Code: code, Message: message})
}

// The answers, as EC2's API model writes them.
type (
	description struct {
		XMLName     xml.Name              `xml:"DescribeVpnConnectionsResponse"`
		Connections []describedConnection `xml:"vpnConnectionSet>item"`
	}
	describedConnection struct {
		ID            string               `xml:"vpnConnectionId"`
		State         string               `xml:"state"`
		Configuration string               `xml:"customerGatewayConfiguration,omitempty"`
		Type          string               `xml:"type"`
		Gateway       string               `xml:"customerGatewayId"`
		Transit       string               `xml:"transitGatewayId"`
		Secret        string               `xml:"preSharedKeyArn,omitempty"`
		Acceleration  bool                 `xml:"options>enableAcceleration"`
		Static        bool                 `xml:"options>staticRoutesOnly"`
		Options       []describedTunnel    `xml:"options>tunnelOptionSet>item"`
		Telemetry     []describedTelemetry `xml:"vgwTelemetry>item"`
	}
	describedTunnel struct {
		Outside   string `xml:"outsideIpAddress,omitempty"`
		Inside    string `xml:"tunnelInsideCidr"`
		Key       string `xml:"preSharedKey,omitempty"`
		Lifecycle bool   `xml:"enableTunnelLifecycleControl"`
		describedOptions
	}
	// listed is an item of a list, a text or a number.
	listed struct {
		Value any `xml:"value"`
	}
	describedOptions struct {
		Versions    []listed `xml:"ikeVersionSet>item"`
		Groups1     []listed `xml:"phase1DHGroupNumberSet>item"`
		Encryption1 []listed `xml:"phase1EncryptionAlgorithmSet>item"`
		Integrity1  []listed `xml:"phase1IntegrityAlgorithmSet>item"`
		Life1       int      `xml:"phase1LifetimeSeconds,omitempty"`
		Groups2     []listed `xml:"phase2DHGroupNumberSet>item"`
		Encryption2 []listed `xml:"phase2EncryptionAlgorithmSet>item"`
		Integrity2  []listed `xml:"phase2IntegrityAlgorithmSet>item"`
		Life2       int      `xml:"phase2LifetimeSeconds,omitempty"`
		Margin      int      `xml:"rekeyMarginTimeSeconds,omitempty"`
		Window      int      `xml:"replayWindowSize,omitempty"`
	}
	describedTelemetry struct {
		Routes     int       `xml:"acceptedRouteCount"`
		LastChange time.Time `xml:"lastStatusChange"`
		Outside    string    `xml:"outsideIpAddress"`
		Status     string    `xml:"status"`
		Message    string    `xml:"statusMessage"`
	}
	replacementStatus struct {
		XMLName     xml.Name   `xml:"GetVpnTunnelReplacementStatusResponse"`
		Pending     string     `xml:"maintenanceDetails>pendingMaintenance"`
		AutoApplied *time.Time `xml:"maintenanceDetails>maintenanceAutoAppliedAfter"`
		LastApplied *time.Time `xml:"maintenanceDetails>lastMaintenanceApplied"`
	}
	activeStatus struct {
		XMLName     xml.Name `xml:"GetActiveVpnTunnelStatusResponse"`
		IKE         string   `xml:"activeVpnTunnelStatus>ikeVersion"`
		Group1      int      `xml:"activeVpnTunnelStatus>phase1DHGroup"`
		Encryption1 string   `xml:"activeVpnTunnelStatus>phase1EncryptionAlgorithm"`
		Integrity1  string   `xml:"activeVpnTunnelStatus>phase1IntegrityAlgorithm"`
		Group2      int      `xml:"activeVpnTunnelStatus>phase2DHGroup"`
		Encryption2 string   `xml:"activeVpnTunnelStatus>phase2EncryptionAlgorithm"`
		Integrity2  string   `xml:"activeVpnTunnelStatus>phase2IntegrityAlgorithm"`
		Status      string   `xml:"activeVpnTunnelStatus>provisioningStatus"`
	}
	replacement struct {
		XMLName xml.Name `xml:"ReplaceVpnTunnelResponse"`
		Return  bool     `xml:"return"`
	}
	deviceTypes struct {
		XMLName xml.Name     `xml:"GetVpnConnectionDeviceTypesResponse"`
		Types   []deviceType `xml:"vpnConnectionDeviceTypeSet>item"`
	}
	deviceType struct {
		ID       string `xml:"vpnConnectionDeviceTypeId"`
		Vendor   string `xml:"vendor"`
		Platform string `xml:"platform"`
		Software string `xml:"software"`
	}
	sampleConfiguration struct {
		XMLName xml.Name `xml:"GetVpnConnectionDeviceSampleConfigurationResponse"`
		Text    string   `xml:"vpnConnectionDeviceSampleConfiguration"`
	}
)

func (c *Cloud) describe(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wanted := map[string]bool{}
	for name, values := range r.Form {
		if strings.HasPrefix(name, "Filter.1.Value.") && r.Form.Get("Filter.1.Name") == "vpn-connection-id" {
			wanted[values[0]] = true
		}
	}
	var out description
	for _, v := range c.connections {
		if wanted[v.ID] {
			out.Connections = append(out.Connections, v.described())
		}
	}
	answer(w, out)
}

// described lists tunnel 2 first, because EC2 promises no order.
func (v *Connection) described() describedConnection {
	d := describedConnection{ID: v.ID, State: v.State, Configuration: cmp.Or(v.Configuration, v.configuration()), Type: "ipsec.1", Gateway: v.gateway, Transit: v.transit, Secret: v.SecretARN, Acceleration: v.Acceleration, Static: v.Static}
	for i := len(v.Tunnels) - 1; i >= 0; i-- {
		t := v.Tunnels[i]
		if t.left--; t.left == 0 {
			t.Status, t.Message, t.LastChange = "UP", fmt.Sprintf("%d BGP ROUTES", t.Routes), time.Now()
		}
		d.Options = append(d.Options, describedTunnel{t.Outside, t.Inside, t.Key, t.Lifecycle, optionsOf(&t.Site)})
		if t.Status != "" {
			d.Telemetry = append(d.Telemetry, describedTelemetry{t.Routes, t.LastChange, t.Outside, t.Status, t.Message})
		}
	}
	return d
}

// configuration is EC2's XML for the customer gateway where Secrets Manager has the keys.
func (v *Connection) configuration() string {
	if v.Address == "" && v.ASN == "" {
		return ""
	}
	text := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<vpn_connection id=\"" + v.ID + "\">"
	for _, t := range v.Tunnels {
		text += fmt.Sprintf("<ipsec_tunnel><customer_gateway><tunnel_outside_address><ip_address>%s</ip_address></tunnel_outside_address><bgp><asn>%s</asn><hold_time>30</hold_time></bgp></customer_gateway>"+
			"<vpn_gateway><tunnel_outside_address><ip_address>%s</ip_address></tunnel_outside_address><bgp><asn>64512</asn><hold_time>30</hold_time></bgp></vpn_gateway>"+
			"<ike><pre_shared_key>REDACTED</pre_shared_key></ike></ipsec_tunnel>", v.Address, v.ASN, t.Outside)
	}
	return text + "</vpn_connection>"
}

// optionsOf lists the options of a tunnel the last one first, because EC2 promises no order.
func optionsOf(site *topology.Site) describedOptions {
	o := site.Tunnel
	return describedOptions{list(o.IKEVersions), list(o.Phase1DHGroups), list(o.Phase1Encryption), list(o.Phase1Integrity), seconds(time.Duration(o.Phase1Lifetime)),
		list(o.Phase2DHGroups), list(o.Phase2Encryption), list(o.Phase2Integrity), seconds(time.Duration(o.Phase2Lifetime)), seconds(time.Duration(o.RekeyMargin)), o.ReplayWindow}
}

func seconds(d time.Duration) int { return int(d / time.Second) }

func list[T any](of []T) []listed {
	var out []listed
	for _, v := range slices.Backward(of) {
		out = append(out, listed{v})
	}
	return out
}

// tunnel answers a question about one tunnel.
func (c *Cloud) tunnel(about func(*Tunnel) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if t := c.find(w, r); t != nil {
			answer(w, about(t))
		}
	}
}

// find finds the tunnel that a request names; nil: there is none, and the request was refused.
func (c *Cloud) find(w http.ResponseWriter, r *http.Request) *Tunnel {
	for _, v := range c.connections {
		for _, t := range v.Tunnels {
			if v.ID == r.Form.Get("VpnConnectionId") && t.Outside == r.Form.Get("VpnTunnelOutsideIpAddress") {
				return t
			}
		}
	}
	refuse(w, "InvalidVpnConnectionID.NotFound", "The vpnConnection ID does not exist")
	return nil
}

func maintenance(t *Tunnel) any {
	s := replacementStatus{Pending: t.Pending}
	if !t.AutoApplied.IsZero() {
		s.AutoApplied = &t.AutoApplied
	}
	if !t.LastApplied.IsZero() {
		s.LastApplied = &t.LastApplied
	}
	return s
}

func negotiated(t *Tunnel) any {
	return activeStatus{IKE: t.IKE, Group1: t.DHGroup, Group2: t.DHGroup, Encryption1: t.Encryption, Encryption2: t.Encryption, Integrity1: t.Integrity, Integrity2: t.Integrity, Status: "available"}
}

func (c *Cloud) replace(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.find(w, r)
	switch {
	case t == nil:
	case r.Form.Get("DryRun") == "true":
		refuse(w, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	default:
		t.Replaced++
		t.Status, t.Message, t.LastChange, t.left = "DOWN", "IPSEC IS DOWN", time.Now(), t.Looks
		if c.OnReplace != nil {
			c.OnReplace(t)
		}
		answer(w, replacement{Return: true})
	}
}

// sample holds the keys, as some of AWS's samples may.
func (c *Cloud) sample(w http.ResponseWriter, r *http.Request) {
	answer(w, sampleConfiguration{Text: "# " + r.Form.Get("VpnConnectionDeviceTypeId") + " for " + r.Form.Get("VpnConnectionId") + "\nPSK \"" + Key1 + "\"\n"})
}

func (c *Cloud) secret(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretId string }
	_ = json.NewDecoder(r.Body).Decode(&in) // then there is no such secret
	c.mu.Lock()
	text, ok := c.secrets[in.SecretId]
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	out := map[string]any{"ARN": in.SecretId, "SecretString": text}
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		out = map[string]any{"__type": "ResourceNotFoundException", "message": "Secrets Manager can't find the specified secret."}
	}
	_ = json.NewEncoder(w).Encode(out)
}
