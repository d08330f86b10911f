package vpn

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/topology"
)

// Differences reports where the connection is deployed otherwise than the site declares it, in what a gateway is configured by:
// nil, or every difference with the place in the file. What EC2 does not tell is not compared.
func (c *Connection) Differences(s *topology.Site) error {
	var errs []error
	differ := func(what, where, have, want string) {
		if have != "" && have != want {
			errs = append(errs, fmt.Errorf("%s: %s%s: deployed with %s, the file says %s; deploy the file first (without --deployed the plan alone is rendered)", c.Label(), what, where, have, want))
		}
	}
	connect := fmt.Sprintf("sites[%s].connect", s.Name)
	routing := map[bool]string{false: "bgp", true: "static"}
	differ("", connect+".routing", routing[c.Static], routing[s.Static])
	differ("", connect+".acceleration", strconv.FormatBool(c.Acceleration), strconv.FormatBool(s.Acceleration))
	if g := c.declaredGateway(s); g != nil {
		where := fmt.Sprintf("sites[%s].gateways[%s]", s.Name, g.Name)
		differ("", where+".ip", c.customerAddress, g.IP.String())
		differ("", where+".asn", c.customerASN, strconv.FormatInt(g.ASN, 10))
	}
	for i := range c.Tunnels {
		t := &c.Tunnels[i]
		for _, o := range declaredOptions(s) {
			differ(fmt.Sprintf("tunnel %d: ", t.Number), connect+".tunnel."+o.key, t.options[o.key], o.value)
		}
	}
	return errors.Join(errs...)
}

// declaredGateway is the customer gateway that the file gives the connection.
func (c *Connection) declaredGateway(s *topology.Site) *topology.Gateway {
	for _, planned := range s.Connections {
		for i := range s.Gateways {
			if planned.Name == c.Name && planned.Gateway == s.Gateways[i].Name {
				return &s.Gateways[i]
			}
		}
	}
	return nil
}

// option is an option of a tunnel by its key in the file.
type option struct{ key, value string }

// declaredOptions are the options that a gateway is configured by. Lists are sets here: EC2 promises no order.
func declaredOptions(s *topology.Site) []option {
	o := s.Tunnel
	return []option{
		{"ikeVersions", set(o.IKEVersions, text)},
		{"phase1Encryption", set(o.Phase1Encryption, text)},
		{"phase1Integrity", set(o.Phase1Integrity, text)},
		{"phase1DhGroups", set(o.Phase1DHGroups, strconv.Itoa)},
		{"phase1Lifetime", time.Duration(o.Phase1Lifetime).String()},
		{"phase2Encryption", set(o.Phase2Encryption, text)},
		{"phase2Integrity", set(o.Phase2Integrity, text)},
		{"phase2DhGroups", set(o.Phase2DHGroups, strconv.Itoa)},
		{"phase2Lifetime", time.Duration(o.Phase2Lifetime).String()},
		{"rekeyMargin", time.Duration(o.RekeyMargin).String()},
		{"replayWindow", strconv.Itoa(o.ReplayWindow)},
	}
}

// deployedOptions are the same by EC2, by key. Empty: it does not tell.
func deployedOptions(o *types.TunnelOption) map[string]string {
	return map[string]string{
		"ikeVersions":      set(o.IkeVersions, func(v types.IKEVersionsListValue) string { return aws.ToString(v.Value) }),
		"phase1Encryption": set(o.Phase1EncryptionAlgorithms, func(v types.Phase1EncryptionAlgorithmsListValue) string { return aws.ToString(v.Value) }),
		"phase1Integrity":  set(o.Phase1IntegrityAlgorithms, func(v types.Phase1IntegrityAlgorithmsListValue) string { return aws.ToString(v.Value) }),
		"phase1DhGroups":   set(o.Phase1DHGroupNumbers, func(v types.Phase1DHGroupNumbersListValue) string { return number(v.Value) }),
		"phase1Lifetime":   seconds(o.Phase1LifetimeSeconds),
		"phase2Encryption": set(o.Phase2EncryptionAlgorithms, func(v types.Phase2EncryptionAlgorithmsListValue) string { return aws.ToString(v.Value) }),
		"phase2Integrity":  set(o.Phase2IntegrityAlgorithms, func(v types.Phase2IntegrityAlgorithmsListValue) string { return aws.ToString(v.Value) }),
		"phase2DhGroups":   set(o.Phase2DHGroupNumbers, func(v types.Phase2DHGroupNumbersListValue) string { return number(v.Value) }),
		"phase2Lifetime":   seconds(o.Phase2LifetimeSeconds),
		"rekeyMargin":      seconds(o.RekeyMarginTimeSeconds),
		"replayWindow":     number(o.ReplayWindowSize),
	}
}

func text[S ~string](v S) string { return string(v) }

func number(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

func seconds(n *int32) string {
	if n == nil {
		return ""
	}
	return (time.Duration(*n) * time.Second).String()
}

// set writes a list without its order.
func set[T any](list []T, write func(T) string) string {
	var out []string
	for _, v := range list {
		out = append(out, write(v))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// gatewayConfiguration is as much as is read of EC2's XML for a customer gateway. It may hold keys, and is not kept.
type gatewayConfiguration struct {
	Tunnels []struct {
		Customer string `xml:"customer_gateway>tunnel_outside_address>ip_address"`
		ASN      string `xml:"customer_gateway>bgp>asn"`
		Outside  string `xml:"vpn_gateway>tunnel_outside_address>ip_address"`
		Key      string `xml:"ike>pre_shared_key"`
	} `xml:"ipsec_tunnel"`
}

// parseGatewayConfiguration reads EC2's XML, which may be missing.
func parseGatewayConfiguration(text string) (*gatewayConfiguration, error) {
	doc := &gatewayConfiguration{}
	if strings.TrimSpace(text) == "" {
		return doc, nil
	}
	if err := xml.Unmarshal([]byte(text), doc); err != nil {
		return nil, errors.New("the customer gateway configuration of EC2 is no XML; try again") // the error of xml may quote it
	}
	return doc, nil
}

// customer takes the customer gateway's address and ASN from EC2's XML; what it does not hold stays empty.
func (c *Connection) customer(configuration string) {
	doc, err := parseGatewayConfiguration(configuration)
	if err != nil || len(doc.Tunnels) == 0 {
		return
	}
	if at, err := netip.ParseAddr(strings.TrimSpace(doc.Tunnels[0].Customer)); err == nil {
		c.customerAddress = at.String()
	}
	if asn, err := strconv.ParseInt(strings.TrimSpace(doc.Tunnels[0].ASN), 10, 64); err == nil {
		c.customerASN = strconv.FormatInt(asn, 10)
	}
}
