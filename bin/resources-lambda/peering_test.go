package main

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	acceptance = "Custom::PathproofTgwPeeringAcceptance"
	away       = "ap-northeast-1"
	dns        = "Custom::PathproofVpcPeeringDns"
	pcxID      = "pcx-0123456789abcdef0"
)

func accept(requestType string) map[string]any {
	return event(requestType, acceptance, "", "TransitGatewayAttachmentId", attA, "AccepterRegion", away)
}

// peered gives both Regions the same peering, in the first state for a while and then in the second.
func (h *harness) peered(first, second types.TransitGatewayAttachmentState) *peering {
	p := &peering{state: from(time.Now(), first, second)}
	h.ec2 = map[string]*fakeEC2{home: {peering: p}, away: {peering: p}}
	return p
}

func TestTGWPeeringAcceptance_AcceptsInTheAcceptersRegion(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		p := h.peered(types.TransitGatewayAttachmentStateInitiatingRequest, types.TransitGatewayAttachmentStatePendingAcceptance)
		r := succeeded(t, h.send(accept("Create")))
		if got := p.state(time.Now()); got != types.TransitGatewayAttachmentStateAvailable {
			t.Errorf("answered while the peering is %s", got)
		}
		if h.fake().count("Accept") != 0 || h.ec2[away].count("Accept") != 1 {
			t.Errorf("calls here: %v, there: %v", h.fake().calls, h.ec2[away].calls)
		}
		if r.PhysicalResourceID != attA+"/acceptance" {
			t.Errorf("got id %q", r.PhysicalResourceID)
		}
		if r.Data["TransitGatewayAttachmentId"] != attA {
			t.Errorf("got data %v, want the attachment id for what depends on it", r.Data)
		}
	})
}

func TestTGWPeeringAcceptance_WaitsForBothRegions(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.peered("available", "available")
		h.fake().peering = &peering{state: from(time.Now().Add(time.Minute), "pending", "available")}
		start := time.Now()
		succeeded(t, h.send(accept("Update")))
		if took := time.Since(start); took < time.Minute+change {
			t.Errorf("answered after %s, before this Region saw it available", took)
		}
	})
}

func TestTGWPeeringAcceptance_BothSidesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &peering{state: from(time.Now(), "initiating", "pendingAcceptance")}
		regions := map[string]*fakeEC2{home: {peering: p}, away: {peering: p}}
		var wg sync.WaitGroup
		for range 2 {
			h := newHarness(t)
			h.ec2 = regions
			wg.Go(func() {
				if err := h.invoke(accept("Create")); err != nil || len(h.Answers) != 1 || h.Answers[0].Status != "SUCCESS" {
					t.Errorf("got %v, %+v", err, h.Answers)
				}
			})
		}
		wg.Wait()
	})
	fast(t, func(t *testing.T, h *harness) { // the other side is faster between look and acceptance
		p := h.peered("pendingAcceptance", "pendingAcceptance")
		h.ec2[away].before = func(op string) {
			if op == "Accept" {
				p.mu.Lock()
				p.state = from(time.Now(), "pending", "available")
				p.mu.Unlock()
			}
		}
		succeeded(t, h.send(accept("Create")))
	})
}

func TestTGWPeeringAcceptance_HopelessStatesFailAtOnce(t *testing.T) {
	for _, state := range []types.TransitGatewayAttachmentState{"failed", "failing", "rejected", "rejecting", "deleted", "deleting"} {
		fast(t, func(t *testing.T, h *harness) {
			h.peered(state, state)
			start := time.Now()
			failedWith(t, h.send(accept("Create")), string(state), "said the fake", "in "+away)
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: took %s", state, took)
			}
		})
	}
}

func TestTGWPeeringAcceptance_NotFound(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.peered("pendingAcceptance", "pendingAcceptance")
		p := h.ec2[away].peering
		h.ec2[away].peering = nil // not there yet
		start := time.Now()
		h.ec2[away].before = func(string) {
			if time.Since(start) > 30*time.Second {
				h.ec2[away].peering = p
			}
		}
		succeeded(t, h.send(accept("Create")))
	})
	fast(t, func(t *testing.T, h *harness) {
		h.ec2[away] = &fakeEC2{}
		failedWith(t, h.send(accept("Create")), "in "+away, "not found")
	})
}

func TestTGWPeeringAcceptance_DeleteDoesNothing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		succeeded(t, h.send(event("Delete", acceptance, attA+"/acceptance", "TransitGatewayAttachmentId", attA, "AccepterRegion", away)))
		if len(h.fake().calls) != 0 {
			t.Errorf("EC2 was called: %v", h.fake().calls)
		}
	})
}

func resolve(requestType, physicalID, side, allow string) map[string]any {
	return event(requestType, dns, physicalID, "VpcPeeringConnectionId", pcxID, "Side", side, "AllowRemoteDns", allow)
}

func pcx(state types.VpcPeeringConnectionStateReasonCode) *types.VpcPeeringConnection {
	return &types.VpcPeeringConnection{VpcPeeringConnectionId: aws.String(pcxID),
		Status: &types.VpcPeeringConnectionStateReason{Code: state, Message: aws.String("said the fake")}}
}

func TestVPCPeeringDNS_SetsOneSideOnly(t *testing.T) {
	for _, side := range []string{sideRequester, sideAccepter} {
		for _, allow := range []string{"true", "false"} {
			fast(t, func(t *testing.T, h *harness) {
				h.fake().pcx = pcx("active")
				r := succeeded(t, h.send(resolve("Create", "", side, allow)))
				if r.PhysicalResourceID != pcxID+"/dns/"+side {
					t.Errorf("got id %q", r.PhysicalResourceID)
				}
				in := h.fake().modified[0]
				mine, other := in.RequesterPeeringConnectionOptions, in.AccepterPeeringConnectionOptions
				if side == sideAccepter {
					mine, other = other, mine
				}
				if mine == nil || *mine.AllowDnsResolutionFromRemoteVpc != (allow == "true") || other != nil {
					t.Errorf("%s %s: got %+v", side, allow, in)
				}
			})
		}
	}
}

func TestVPCPeeringDNS_WaitsUntilActive(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		f.pcx = pcx("provisioning")
		start := time.Now()
		f.before = func(string) {
			if time.Since(start) > 5*time.Minute {
				f.pcx.Status.Code = types.VpcPeeringConnectionStateReasonCodeActive
			}
		}
		succeeded(t, h.send(resolve("Create", "", sideRequester, "true")))
		if f.count("ModifyPcx") != 1 {
			t.Errorf("calls: %v", f.calls)
		}
	})
	for _, state := range []types.VpcPeeringConnectionStateReasonCode{"failed", "rejected", "expired", "deleted", "deleting"} {
		fast(t, func(t *testing.T, h *harness) {
			h.fake().pcx = pcx(state)
			failedWith(t, h.send(resolve("Create", "", sideRequester, "true")), string(state), "said the fake")
		})
	}
}

func TestVPCPeeringDNS_Delete(t *testing.T) {
	for name, c := range map[string]struct {
		set     func(*fakeEC2)
		changes int
	}{
		"on":      {func(f *fakeEC2) { f.pcx = pcx("active") }, 1},
		"gone":    {func(*fakeEC2) {}, 0},
		"deleted": {func(f *fakeEC2) { f.pcx = pcx("deleted") }, 0},
		"failed":  {func(f *fakeEC2) { f.pcx = pcx("failed") }, 0},
		"pending": {func(f *fakeEC2) { f.pcx = pcx("pending-acceptance") }, 0},
		"vanishes": {func(f *fakeEC2) {
			f.pcx = pcx("active")
			f.before = func(op string) {
				if op == "ModifyPcx" {
					f.pcx.Status.Code = types.VpcPeeringConnectionStateReasonCodeDeleting
				}
			}
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				c.set(h.fake())
				succeeded(t, h.send(resolve("Delete", pcxID+"/dns/requester", sideRequester, "true")))
				if n := h.fake().count("ModifyPcx"); n != c.changes {
					t.Errorf("%d calls of Modify, want %d", n, c.changes)
				}
				for _, in := range h.fake().modified {
					if *in.RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc {
						t.Errorf("Delete turned it on")
					}
				}
			})
		})
	}
}

func TestVPCPeeringDNS_DeleteAfterCreateAndRollback(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().pcx = pcx("active")
		id := succeeded(t, h.send(resolve("Create", "", sideAccepter, "true"))).PhysicalResourceID
		succeeded(t, h.send(resolve("Update", id, sideAccepter, "false")))
		succeeded(t, h.send(resolve("Update", id, sideAccepter, "true"))) // rollback
		succeeded(t, h.send(resolve("Delete", id, sideAccepter, "true")))
		succeeded(t, h.send(resolve("Delete", id, sideAccepter, "true"))) // delivered twice
		if n := h.fake().count("ModifyPcx"); n != 4 {
			t.Errorf("%d calls of Modify, want 4: the second Delete finds it off", n)
		}
		if *h.fake().pcx.AccepterVpcInfo.PeeringOptions.AllowDnsResolutionFromRemoteVpc {
			t.Errorf("still on")
		}
	})
}
