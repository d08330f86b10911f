package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	vpnID = "vpn-0123456789abcdef0"
	tgw1  = "tgw-01111111111111111"
	tgw2  = "tgw-02222222222222222"
	facts = "Custom::PathproofVpnFacts"
	one   = "169.254.110.0/30"
	two   = "169.254.114.0/30"
)

func vpn(state types.VpnState, options ...types.TunnelOption) *types.VpnConnection {
	return &types.VpnConnection{
		VpnConnectionId: aws.String(vpnID), State: state, TransitGatewayId: aws.String(tgw1), PreSharedKeyArn: aws.String("arn:aws:secretsmanager:x"),
		CustomerGatewayConfiguration: aws.String("CONFIG-SECRET"), Options: &types.VpnConnectionOptions{TunnelOptions: options},
	}
}

// vpnHarness has a connection whose tunnels EC2 lists in reverse, and its attachment.
func vpnHarness(h *harness) *fakeEC2 {
	f := h.fake()
	f.vpn = vpn(types.VpnStateAvailable, tunnels(two, "203.0.113.2", one, "203.0.113.1")...)
	attachVPN(f, attA, tgw1, "")
	return f
}

// attachVPN puts the connection's attachment to a transit gateway into the fake.
func attachVPN(f *fakeEC2, id, gateway string, state types.TransitGatewayAttachmentState) {
	a := f.addAttachment(id, state, "")
	a.ResourceId, a.ResourceType, a.TransitGatewayId = aws.String(vpnID), types.TransitGatewayAttachmentResourceTypeVpn, aws.String(gateway)
}

// factsEvent is a request for the facts of the connection on a transit gateway.
func factsEvent(requestType, physicalID, gateway string, pairs ...string) map[string]any {
	return event(requestType, facts, physicalID, append([]string{"VpnConnectionId", vpnID, "TransitGatewayId", gateway}, pairs...)...)
}

func TestVPNFacts_OrdersTunnelsByInsideCIDR(t *testing.T) {
	for name, c := range map[string]struct {
		inside       []string
		first, other string
	}{
		"as asked":       {[]string{"Inside1", one, "Inside2", two}, "203.0.113.1", "203.0.113.2"},
		"as asked, swap": {[]string{"Inside1", two, "Inside2", one}, "203.0.113.2", "203.0.113.1"},
		"not asked":      {nil, "203.0.113.1", "203.0.113.2"},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				vpnHarness(h)
				r := succeeded(t, h.send(factsEvent("Create", "", tgw1, c.inside...)))
				want := map[string]string{"Tunnel1OutsideIp": c.first, "Tunnel2OutsideIp": c.other,
					"PreSharedKeyArn": "arn:aws:secretsmanager:x", "TransitGatewayAttachmentId": attA}
				for k, v := range want {
					if r.Data[k] != v {
						t.Errorf("%s: got %q, want %q", k, r.Data[k], v)
					}
				}
				if len(r.Data) != len(want) || r.PhysicalResourceID != vpnID {
					t.Errorf("got %+v", r)
				}
				if body := string(h.Answers[0].Body); strings.Contains(body, "PSK-SECRET") || strings.Contains(body, "CONFIG-SECRET") {
					t.Errorf("the answer holds a secret: %s", body)
				}
			})
		})
	}
}

func TestVPNFacts_EmptySecretARNIsAnAttribute(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		vpnHarness(h).vpn.PreSharedKeyArn = nil
		r := succeeded(t, h.send(factsEvent("Create", "", tgw1)))
		if v, ok := r.Data["PreSharedKeyArn"]; !ok || v != "" {
			t.Errorf("got %q, %t; Fn::GetAtt needs the attribute", v, ok)
		}
	})
}

func TestVPNFacts_WaitsForConnectionAndAttachment(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := vpnHarness(h)
		f.vpn.State = types.VpnStatePending
		f.attachments = nil
		start := time.Now()
		f.before = func(string) {
			if time.Since(start) > 4*time.Minute {
				f.vpn.State = types.VpnStateAvailable
			}
			if time.Since(start) > 5*time.Minute && len(f.attachments) == 0 {
				attachVPN(f, attA, tgw1, types.TransitGatewayAttachmentStatePending)
			}
		}
		r := succeeded(t, h.send(factsEvent("Create", "", tgw1)))
		if took := time.Since(start); took < 5*time.Minute || r.Data["TransitGatewayAttachmentId"] != attA {
			t.Errorf("after %s: %+v", took, r)
		}
	})
}

func TestVPNFacts_IgnoresDeletedAttachment(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := vpnHarness(h)
		attachVPN(f, attB, tgw1, types.TransitGatewayAttachmentStateDeleted)
		if r := succeeded(t, h.send(factsEvent("Update", vpnID, tgw1))); r.Data["TransitGatewayAttachmentId"] != attA {
			t.Errorf("got %+v", r)
		}
	})
}

// A transit gateway is replaced: CloudFormation moves the connection, which keeps its id and gets a new attachment, while
// EC2 still lists the old one as available.
func TestVPNFacts_FollowsTheConnectionToAnotherTransitGateway(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := vpnHarness(h)
		start := time.Now()
		f.before = func(string) {
			if time.Since(start) > time.Minute {
				f.vpn.TransitGatewayId = aws.String(tgw2)
			}
			if time.Since(start) > 5*time.Minute && len(f.attachments) == 1 {
				attachVPN(f, attB, tgw2, types.TransitGatewayAttachmentStateAvailable)
			}
		}
		r := succeeded(t, h.send(factsEvent("Update", vpnID, tgw2)))
		if r.Data["TransitGatewayAttachmentId"] != attB || r.PhysicalResourceID != vpnID {
			t.Errorf("got attachment %q and id %q, want %s and the connection's id", r.Data["TransitGatewayAttachmentId"], r.PhysicalResourceID, attB)
		}
	})
}

func TestVPNFacts_Failures(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*fakeEC2)
		words string
	}{
		"deleted": {func(f *fakeEC2) { f.vpn.State = types.VpnStateDeleted }, `got state "deleted"`},
		"wrong inside": {func(f *fakeEC2) {
			f.vpn.Options.TunnelOptions = tunnels(one, "203.0.113.1", "169.254.9.0/30", "203.0.113.2")
		}, "no tunnel with inside CIDR " + two},
		"one tunnel":      {func(f *fakeEC2) { f.vpn.Options.TunnelOptions = tunnels(one, "203.0.113.1") }, "1 tunnels with inside and outside addresses"},
		"no options":      {func(f *fakeEC2) { f.vpn.Options = nil }, "0 tunnels"},
		"no such vpn":     {func(f *fakeEC2) { f.vpn = nil }, "InvalidVpnConnectionID.NotFound"},
		"no attachment":   {func(f *fakeEC2) { f.attachments = nil }, "no attachment to " + tgw1 + " yet"},
		"other gateway":   {func(f *fakeEC2) { f.vpn.TransitGatewayId = aws.String(tgw2) }, `on transit gateway "` + tgw2 + `", want ` + tgw1},
		"no gateway":      {func(f *fakeEC2) { f.vpn.TransitGatewayId = nil }, `on transit gateway "", want ` + tgw1},
		"stays pending":   {func(f *fakeEC2) { f.vpn.State = types.VpnStatePending }, `time is up after 14m`},
		"two attachments": {func(f *fakeEC2) { attachVPN(f, attB, tgw1, "") }, "more than one attachment"},
		"describe refused": {func(f *fakeEC2) {
			f.always = map[string]error{"DescribeVpnConnections": apiError("InvalidVpnConnectionID.Malformed")}
		}, "Malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				c.spoil(vpnHarness(h))
				r := failedWith(t, h.send(factsEvent("Create", "", tgw1, "Inside1", one, "Inside2", two)), c.words)
				succeeded(t, h.send(factsEvent("Delete", r.PhysicalResourceID, tgw1)))
			})
		})
	}
}

func TestVPNFacts_DeleteCallsNothing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(factsEvent("Delete", vpnID, tgw1)))
		if len(h.fake().calls) != 0 {
			t.Errorf("EC2 was called: %v", h.fake().calls)
		}
	})
}
