package main

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func associate(requestType, physicalID, attachment, table string) map[string]any {
	return event(requestType, assoc, physicalID, "TransitGatewayAttachmentId", attachment, "TransitGatewayRouteTableId", table)
}

// tableOf is the route table an attachment is associated with, "" for none. A change under way fails the test: an
// answer must come after the end of the change.
func tableOf(t *testing.T, f *fakeEC2, id string) string {
	t.Helper()
	a := f.find(id)
	if a == nil || a.Association == nil {
		return ""
	}
	if a.Association.State != types.TransitGatewayAssociationStateAssociated {
		t.Errorf("answered while %s is %s", id, a.Association.State)
	}
	return *a.Association.TransitGatewayRouteTableId
}

func TestTGWAssociation_Create(t *testing.T) {
	for name, c := range map[string]struct {
		table   string // at the start
		changes int
	}{"free": {"", 1}, "associated already": {rtb1, 0}, "associated elsewhere": {rtb2, 2}} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				h.fake().addAttachment(attA, "", c.table)
				r := succeeded(t, h.send(associate("Create", "", attA, rtb1)))
				if got := tableOf(t, h.fake(), attA); got != rtb1 {
					t.Errorf("associated with %q", got)
				}
				if n := h.fake().count("Associate") + h.fake().count("Disassociate"); n != c.changes {
					t.Errorf("%d changes, want %d: %v", n, c.changes, h.fake().calls)
				}
				if r.PhysicalResourceID != attA+"/association" {
					t.Errorf("got id %q; it must name the slot only", r.PhysicalResourceID)
				}
			})
		})
	}
}

func TestTGWAssociation_MovesInPlaceAndBack(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().addAttachment(attA, "", "")
		created := succeeded(t, h.send(associate("Create", "", attA, rtb1)))
		moved := succeeded(t, h.send(associate("Update", created.PhysicalResourceID, attA, rtb2)))
		if moved.PhysicalResourceID != created.PhysicalResourceID {
			t.Errorf("another route table changes the id from %q to %q: CloudFormation would delete the association", created.PhysicalResourceID, moved.PhysicalResourceID)
		}
		if got := tableOf(t, h.fake(), attA); got != rtb2 {
			t.Errorf("associated with %q", got)
		}
		succeeded(t, h.send(associate("Update", moved.PhysicalResourceID, attA, rtb1))) // rollback: the old properties
		if got := tableOf(t, h.fake(), attA); got != rtb1 {
			t.Errorf("after the rollback associated with %q", got)
		}
	})
}

func TestTGWAssociation_ReplacedAttachment(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().addAttachment(attA, "", rtb1)
		h.fake().addAttachment(attB, "", "")
		updated := succeeded(t, h.send(associate("Update", attA+"/association", attB, rtb1)))
		if updated.PhysicalResourceID != attB+"/association" {
			t.Errorf("got id %q", updated.PhysicalResourceID)
		}
		succeeded(t, h.send(associate("Delete", attA+"/association", attA, rtb1))) // CloudFormation's clean-up
		if a, b := tableOf(t, h.fake(), attA), tableOf(t, h.fake(), attB); a != "" || b != rtb1 {
			t.Errorf("old is in %q, new in %q", a, b)
		}
	})
}

func TestTGWAssociation_FailedMoveRollsBack(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		f.addAttachment(attA, "", rtb1)
		f.always = map[string]error{"Associate": apiError("InvalidParameterValue")}
		r := failedWith(t, h.send(associate("Update", attA+"/association", attA, rtb2)), "InvalidParameterValue")
		if r.PhysicalResourceID != attA+"/association" {
			t.Errorf("got id %q", r.PhysicalResourceID)
		}
		f.always = nil
		succeeded(t, h.send(associate("Update", r.PhysicalResourceID, attA, rtb1)))
		if got := tableOf(t, f, attA); got != rtb1 {
			t.Errorf("associated with %q", got)
		}
	})
}

func TestTGWAssociation_FailedCreateIsCleanedUp(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		a := f.addAttachment(attA, "", "")
		h.limit = 8 * time.Second // too short for the association to finish
		created := failedWith(t, h.send(associate("Create", "", attA, rtb1)), "time is up")
		if created.PhysicalResourceID != attA+"/association" {
			t.Fatalf("got id %q; the Delete of the rollback would leave the association behind", created.PhysicalResourceID)
		}
		h.limit = 15 * time.Minute
		succeeded(t, h.send(associate("Delete", created.PhysicalResourceID, attA, rtb1)))
		if a.settle(); a.Association != nil {
			t.Errorf("still %s with %s", a.Association.State, *a.Association.TransitGatewayRouteTableId)
		}
	})
}

func TestTGWAssociation_Delete(t *testing.T) {
	for name, c := range map[string]struct {
		set     func(*fakeEC2)
		left    string
		changes int
	}{
		"associated":      {func(f *fakeEC2) { f.addAttachment(attA, "", rtb1) }, "", 1},
		"other table":     {func(f *fakeEC2) { f.addAttachment(attA, "", rtb2) }, rtb2, 0},
		"none":            {func(f *fakeEC2) { f.addAttachment(attA, "", "") }, "", 0},
		"attachment gone": {func(*fakeEC2) {}, "", 0},
		"being deleted": {func(f *fakeEC2) {
			f.addAttachment(attA, types.TransitGatewayAttachmentStateDeleting, rtb1)
		}, rtb1, 0},
		"modifying": {func(f *fakeEC2) {
			a := f.addAttachment(attA, types.TransitGatewayAttachmentStateModifying, rtb1)
			start := time.Now()
			f.before = func(string) {
				if time.Since(start) > 3*time.Minute {
					a.State = types.TransitGatewayAttachmentStateAvailable
				}
			}
		}, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				c.set(h.fake())
				succeeded(t, h.send(associate("Delete", attA+"/association", attA, rtb1)))
				if got := tableOf(t, h.fake(), attA); got != c.left {
					t.Errorf("associated with %q, want %q", got, c.left)
				}
				if n := h.fake().count("Disassociate"); n != c.changes {
					t.Errorf("%d calls of Disassociate, want %d", n, c.changes)
				}
			})
		})
	}
}

func TestTGWAssociation_VanishesWhileDeleting(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		f.addAttachment(attA, "", rtb1)
		f.before = func(op string) {
			if op == "Disassociate" { // somebody else is faster
				f.attachments[0].Association = nil
			}
		}
		succeeded(t, h.send(associate("Delete", attA+"/association", attA, rtb1)))
	})
}

func TestTGWAssociation_StolenWhileAssociating(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		f.addAttachment(attA, "", "")
		stolen := false
		f.before = func(op string) {
			if op == "Associate" && !stolen { // default association, or another stack
				stolen = true
				f.attachments[0].Association = &types.TransitGatewayAttachmentAssociation{
					TransitGatewayRouteTableId: aws.String(rtb2), State: types.TransitGatewayAssociationStateAssociated}
			}
		}
		succeeded(t, h.send(associate("Create", "", attA, rtb1)))
		if got := tableOf(t, f, attA); got != rtb1 {
			t.Errorf("associated with %q", got)
		}
	})
}

func TestTGWAssociation_AttachmentStates(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		a := f.addAttachment(attA, types.TransitGatewayAttachmentStatePending, "")
		start := time.Now()
		f.before = func(string) {
			if time.Since(start) > 6*time.Minute {
				a.State = types.TransitGatewayAttachmentStateAvailable
			}
		}
		succeeded(t, h.send(associate("Create", "", attA, rtb1)))
	})
	for _, state := range []types.TransitGatewayAttachmentState{"failed", "failing", "rejected", "rejecting", "deleted", "deleting"} {
		fast(t, func(t *testing.T, h *harness) {
			h.fake().addAttachment(attA, state, "")
			start := time.Now()
			failedWith(t, h.send(associate("Create", "", attA, rtb1)), string(state))
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: took %s, want an answer at once", state, took)
			}
		})
	}
}
