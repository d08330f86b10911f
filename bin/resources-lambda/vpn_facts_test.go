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
	facts = "Custom::PathproofVpnFacts"
	one   = "169.254.110.0/30"
	two   = "169.254.114.0/30"
)

func vpn(state types.VpnState, options ...types.TunnelOption) *types.VpnConnection {
	return &types.VpnConnection{
		VpnConnectionId: aws.String(vpnID), State: state, PreSharedKeyArn: aws.String("arn:aws:secretsmanager:x"),
		CustomerGatewayConfiguration: aws.String("CONFIG-SECRET"), Options: &types.VpnConnectionOptions{TunnelOptions: options},
	}
}

// vpnHarness has a connection whose tunnels EC2 lists in reverse, and its attachment.
func vpnHarness(h *harness) *fakeEC2 {
	f := h.fake()
	f.vpn = vpn(types.VpnStateAvailable, tunnels(two, "203.0.113.2", one, "203.0.113.1")...)
	f.addAttachment(attA, "", "").ResourceId = aws.String(vpnID)
	return f
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
				r := succeeded(t, h.send(event("Create", facts, "", append([]string{"VpnConnectionId", vpnID}, c.inside...)...)))
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
				if body := string(h.answers[0].body); strings.Contains(body, "PSK-SECRET") || strings.Contains(body, "CONFIG-SECRET") {
					t.Errorf("the answer holds a secret: %s", body)
				}
			})
		})
	}
}

func TestVPNFacts_EmptySecretARNIsAnAttribute(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		vpnHarness(h).vpn.PreSharedKeyArn = nil
		r := succeeded(t, h.send(event("Create", facts, "", "VpnConnectionId", vpnID)))
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
				f.addAttachment(attA, types.TransitGatewayAttachmentStatePending, "").ResourceId = aws.String(vpnID)
			}
		}
		r := succeeded(t, h.send(event("Create", facts, "", "VpnConnectionId", vpnID)))
		if took := time.Since(start); took < 5*time.Minute || r.Data["TransitGatewayAttachmentId"] != attA {
			t.Errorf("after %s: %+v", took, r)
		}
	})
}

func TestVPNFacts_IgnoresDeletedAttachment(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := vpnHarness(h)
		f.addAttachment(attB, types.TransitGatewayAttachmentStateDeleted, "").ResourceId = aws.String(vpnID)
		if r := succeeded(t, h.send(event("Update", facts, vpnID, "VpnConnectionId", vpnID))); r.Data["TransitGatewayAttachmentId"] != attA {
			t.Errorf("got %+v", r)
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
		"no attachment":   {func(f *fakeEC2) { f.attachments = nil }, "no attachment"},
		"stays pending":   {func(f *fakeEC2) { f.vpn.State = types.VpnStatePending }, `time is up after 14m`},
		"two attachments": {func(f *fakeEC2) { f.addAttachment(attB, "", "").ResourceId = aws.String(vpnID) }, "more than one attachment"},
		"describe refused": {func(f *fakeEC2) {
			f.always = map[string]error{"DescribeVpnConnections": apiError("InvalidVpnConnectionID.Malformed")}
		}, "Malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				c.spoil(vpnHarness(h))
				r := failedWith(t, h.send(event("Create", facts, "", "VpnConnectionId", vpnID, "Inside1", one, "Inside2", two)), c.words)
				succeeded(t, h.send(event("Delete", facts, r.PhysicalResourceID, "VpnConnectionId", vpnID)))
			})
		})
	}
}

func TestVPNFacts_DeleteCallsNothing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(event("Delete", facts, vpnID, "VpnConnectionId", vpnID)))
		if len(h.fake().calls) != 0 {
			t.Errorf("EC2 was called: %v", h.fake().calls)
		}
	})
}
