package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/lambdax"
)

const (
	attA  = "tgw-attach-0aaaaaaaaaaaaaaaa"
	attB  = "tgw-attach-0bbbbbbbbbbbbbbbb"
	rtb1  = "tgw-rtb-01111111111111111"
	rtb2  = "tgw-rtb-02222222222222222"
	assoc = "Custom::PathproofTgwAssociation"
)

// fast runs a test in a bubble where waiting takes no time.
func fast(t *testing.T, test func(*testing.T, *harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newHarness(t)) })
}

func TestAnswersBadRequests(t *testing.T) {
	for name, c := range map[string]struct {
		event map[string]any
		words []string
	}{
		"unknown type":    {event("Create", "Custom::PathproofNothing", ""), []string{`"Custom::PathproofNothing"`}},
		"unknown request": {event("Repair", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1), []string{`RequestType: unknown value, got "Repair"`}},
		"all problems at once": {event("Create", "Custom::PathproofVpcPeeringDns", "", "VpcPeeringConnectionId", "vpc-1", "Side", "left"),
			[]string{`VpcPeeringConnectionId: not an id, got "vpc-1"`, `Side: unknown value, got "left"; use one of ["accepter" "requester"]`, "AllowRemoteDns: missing"}},
		"no gateway": {event("Create", facts, "", "VpnConnectionId", vpnID), []string{"TransitGatewayId: missing; pass an id that starts with tgw-"}},
		"attachment for gateway": {event("Create", facts, "", "VpnConnectionId", vpnID, "TransitGatewayId", attA),
			[]string{`TransitGatewayId: not an id, got "` + attA + `"; pass an id like tgw-0123456789abcdef0`}},
		"region":     {event("Create", "Custom::PathproofTgwPeeringAcceptance", "", "TransitGatewayAttachmentId", attA, "AccepterRegion", "Tokyo"), []string{`AccepterRegion: not a Region, got "Tokyo"`}},
		"one inside": {factsEvent("Create", "", tgw1, "Inside2", "169.254.10.0/30"), []string{"Inside1: missing"}},
		"same inside": {factsEvent("Create", "", tgw1, "Inside1", "169.254.10.0/30", "Inside2", "169.254.10.1/30"),
			[]string{"Inside2: the same as Inside1"}},
		"bad inside": {factsEvent("Create", "", tgw1, "Inside1", "x", "Inside2", "fd00::/126"),
			[]string{`Inside1: not an IPv4 prefix, got "x"`, `Inside2: not an IPv4 prefix, got "fd00::/126"`}},
		"properties no object": {func() map[string]any { e := event("Create", assoc, ""); e["ResourceProperties"] = "x"; return e }(), []string{"ResourceProperties: not an object"}},
		"property no string": {func() map[string]any {
			e := event("Create", assoc, "")
			e["ResourceProperties"] = map[string]any{"TransitGatewayAttachmentId": []string{"a"}}
			return e
		}(), []string{"TransitGatewayAttachmentId: not a string"}},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				r := failedWith(t, h.send(c.event), c.words...)
				if r.PhysicalResourceID != "create-failed-req-1" || r.LogicalResourceID != "Logical1" || r.RequestID != "req-1" || r.StackID == "" {
					t.Errorf("answer does not identify the resource: %+v", r)
				}
				if len(h.fake().calls) != 0 {
					t.Errorf("EC2 was called: %v", h.fake().calls)
				}
			})
		})
	}
}

func TestTakesRegionsOfEveryPartition(t *testing.T) {
	for _, code := range []string{"ap-northeast-2", "us-gov-west-1", "eusc-de-east-1"} {
		p := parseProperties(json.RawMessage(`{"AccepterRegion": "` + code + `"}`))
		if got := p.region("AccepterRegion"); got != code || len(p.errs) > 0 {
			t.Errorf("%s: got %q, %v", code, got, p.errs)
		}
	}
}

func TestRefusesWhatCannotBeAnswered(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		for _, raw := range []string{`{`, `{}`, `[]`, `{"ResponseURL": 1}`} {
			if err := h.handler().handle(t.Context(), json.RawMessage(raw)); err != nil {
				t.Errorf("%s: got error %v, want none: Lambda would repeat it", raw, err)
			}
		}
		if h.Attempts != 0 || strings.Count(h.log.String(), "event refused") != 4 {
			t.Errorf("%d answers, log:\n%s", h.Attempts, h.log.String())
		}
	})
}

func TestDeleteOfFailedCreateTouchesNothing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.connect = errors.New("no credentials")
		created := failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "set up the AWS SDK: no credentials")
		deleted := succeeded(t, h.send(event("Delete", assoc, created.PhysicalResourceID)))
		if deleted.PhysicalResourceID != created.PhysicalResourceID {
			t.Errorf("Delete answers id %q, want %q", deleted.PhysicalResourceID, created.PhysicalResourceID)
		}
	})
}

func TestPanicIsAnswered(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().before = func(string) { panic("boom") }
		failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "internal error: boom")
		if !strings.Contains(h.log.String(), "handler.go") {
			t.Errorf("the log has no stack")
		}
	})
	fast(t, func(t *testing.T, h *harness) { // after something was changed: the real id, so that Delete cleans up
		h.fake().addAttachment(attA, "", "")
		h.fake().before = func(op string) {
			if op == "Associate" {
				panic("boom")
			}
		}
		r := failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "boom")
		if r.PhysicalResourceID != attA+"/association" {
			t.Errorf("got id %q", r.PhysicalResourceID)
		}
	})
}

func TestAnswersBeforeDeadline(t *testing.T) {
	for _, limit := range []time.Duration{15 * time.Minute, 30 * time.Second, 4 * time.Second} {
		fast(t, func(t *testing.T, h *harness) { // heeds its context
			h.limit = limit
			h.fake().addAttachment(attA, types.TransitGatewayAttachmentStatePending, "")
			failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)),
				"time is up after", "attachment is pending")
		})
		fast(t, func(t *testing.T, h *harness) { // does not
			h.limit = limit
			hang := make(chan struct{})
			h.fake().before = func(string) { <-hang }
			r := failedWith(t, h.send(event("Update", assoc, "old-id", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "time is up and the work does not stop")
			if r.PhysicalResourceID != "old-id" {
				t.Errorf("a failed Update answers id %q, want the old one", r.PhysicalResourceID)
			}
			close(hang)
		})
	}
}

func TestTimeUpLeavesRoomForAnswer(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().addAttachment(attA, types.TransitGatewayAttachmentStatePending, "")
		h.Status = []int{0, 503, 500, 200}
		failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "time is up")
		if h.Attempts != 4 {
			t.Errorf("%d attempts, want 4", h.Attempts)
		}
	})
}

func TestThrottlingIsWaitedOut(t *testing.T) {
	for _, code := range []string{"RequestLimitExceeded", "Throttling", "InternalError", "Unavailable"} {
		fast(t, func(t *testing.T, h *harness) {
			h.fake().addAttachment(attA, "", "")
			h.fake().fail = map[string][]error{"DescribeTransitGatewayAttachments": repeat(apiError(code), 20), "Associate": repeat(apiError(code), 20)}
			started := time.Now()
			succeeded(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)))
			if took := time.Since(started); took < time.Minute { // 40 failures with a mean of up to 10 s
				t.Errorf("%s: took %s: that is no backoff", code, took)
			}
		})
	}
}

func TestThrottlingForeverIsAnswered(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().always = map[string]error{"DescribeTransitGatewayAttachments": apiError("RequestLimitExceeded")}
		failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "time is up after 14m", "RequestLimitExceeded")
		if n := h.fake().count("DescribeTransitGatewayAttachments"); n > 200 {
			t.Errorf("%d calls in 15 minutes: that is no backoff", n)
		}
	})
}

func TestSettlingErrors(t *testing.T) {
	for _, code := range []string{"InvalidTransitGatewayAttachmentID.NotFound", "UnauthorizedOperation"} {
		create := event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)
		fast(t, func(t *testing.T, h *harness) { // right after creation
			h.fake().addAttachment(attA, "", "")
			h.fake().fail = map[string][]error{"DescribeTransitGatewayAttachments": repeat(apiError(code), 3)}
			succeeded(t, h.send(create))
		})
		fast(t, func(t *testing.T, h *harness) { // for good: soon enough, not at the end of the time
			h.fake().always = map[string]error{"DescribeTransitGatewayAttachments": apiError(code)}
			started := time.Now()
			r := failedWith(t, h.send(create), code)
			if took := time.Since(started); took < 2*time.Minute || took > 3*time.Minute {
				t.Errorf("%s: gave up after %s, want a little more than 2m", code, took)
			}
			if r.PhysicalResourceID != "create-failed-req-1" {
				t.Errorf("nothing was changed, got id %q", r.PhysicalResourceID)
			}
		})
	}
}

func TestSettlingTimeCountsFromTheLastGoodAnswer(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		a := f.addAttachment(attA, types.TransitGatewayAttachmentStatePending, "")
		start, blip := time.Now(), apiError("InvalidTransitGatewayAttachmentID.NotFound")
		f.fail = map[string][]error{"DescribeTransitGatewayAttachments": {blip}}
		f.before = func(string) {
			if time.Since(start) > 5*time.Minute && a.State == types.TransitGatewayAttachmentStatePending {
				a.State = types.TransitGatewayAttachmentStateAvailable
				f.fail["DescribeTransitGatewayAttachments"] = []error{blip} // one stale replica, long after the first
			}
		}
		succeeded(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)))
	})
}

func TestFinalErrorsFailAtOnce(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().addAttachment(attA, "", "")
		h.fake().always = map[string]error{"Associate": apiError("InvalidParameterValue")}
		started := time.Now()
		failedWith(t, h.send(event("Create", assoc, "", "TransitGatewayAttachmentId", attA, "TransitGatewayRouteTableId", rtb1)), "InvalidParameterValue", "associate "+attA)
		if took := time.Since(started); took > time.Second {
			t.Errorf("took %s", took)
		}
	})
}

func TestBackoffIsBounded(t *testing.T) {
	for n := range 100 {
		for range 50 {
			limit := min(production.backoffCap, production.backoff<<min(n, 20))
			if d := production.backoffDelay(n); d <= 0 || d > limit {
				t.Fatalf("backoff %d: got %s, want 0 to %s", n, d, limit)
			}
			if d := production.pollDelay(n); d < production.poll/2 || d > production.pollCap {
				t.Fatalf("poll %d: got %s", n, d)
			}
		}
	}
	if got := lambdax.Grow(time.Second, 20*time.Second, 1<<30); got != 20*time.Second {
		t.Errorf("got %s", got)
	}
}

func TestClassifyWrappedErrors(t *testing.T) {
	for code, want := range map[string]kind{
		"RequestLimitExceeded": transient, "EC2ThrottledException": transient, "InternalError": transient,
		"InvalidVpnConnectionID.NotFound": settling, "IncorrectState": settling, "UnauthorizedOperation": settling,
		"InvalidParameterValue": final, "InvalidVpnConnectionID.Malformed": final,
	} {
		if got := classify(fmt.Errorf("in %s: %w", home, apiError(code))); got != want {
			t.Errorf("%s: got %d, want %d", code, got, want)
		}
	}
	if got := classify(errors.New("x")); got != final {
		t.Errorf("unknown error: got %d, want final", got)
	}
	if got := classify(fmt.Errorf("in x: %w", errGone)); got != settling {
		t.Errorf("errGone: got %d, want settling", got)
	}
}

func repeat(err error, n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = err
	}
	return errs
}

// tunnels is what EC2 tells about the tunnels of a connection, in the order given: inside, outside, ...
func tunnels(pairs ...string) []types.TunnelOption {
	var out []types.TunnelOption
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.TunnelOption{TunnelInsideCidr: aws.String(pairs[i]), OutsideIpAddress: aws.String(pairs[i+1]), PreSharedKey: aws.String("PSK-SECRET")})
	}
	return out
}
