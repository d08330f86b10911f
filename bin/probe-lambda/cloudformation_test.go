package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/probe"
)

// succeeded stops the test unless the answer is SUCCESS with all attributes.
func succeeded(t *testing.T, r lambdax.Response, verdict gate.Verdict) {
	t.Helper()
	if r.Status != "SUCCESS" {
		t.Fatalf("got %s: %s; want SUCCESS", r.Status, r.Reason)
	}
	for _, name := range []string{"Verdict", "Summary", "RunId", "RunKey", "Report", "Paths"} {
		if _, ok := r.Data[name]; !ok {
			t.Errorf("attribute %s is missing: Fn::GetAtt of it would fail the stack", name)
		}
	}
	if r.Data["Verdict"] != string(verdict) {
		t.Errorf("verdict %s (%s), want %s", r.Data["Verdict"], r.Data["Summary"], verdict)
	}
	if r.PhysicalResourceID != "pathproof-gate-ops-Gate" {
		t.Errorf("physical id %q: a changed one is a replacement", r.PhysicalResourceID)
	}
}

func TestCloudFormation_MeasuresAfterADeployment(t *testing.T) {
	for _, typ := range []string{"Create", "Update"} {
		fast(t, func(t *testing.T, h *harness) {
			h.stacks.status = []string{strings.ToUpper(typ) + "_IN_PROGRESS"}
			r := h.deploy(typ)
			succeeded(t, r, gate.Pass)
			if r.Data["RunKey"] != gate.RunKey(h.raw()) || r.Data["RunId"] != "req-1" || r.Data["Report"] != "s3://reports/reports/ref/req-1.json" {
				t.Errorf("got %v", r.Data)
			}
			says(t, r.Data["Paths"], "pass near: p50(connect) 5.049ms", "pass far: ")
		})
	}
}

// A failure is reported; it fails nothing, unless the configuration wants that and the path is all in this stack.
func TestCloudFormation_Fails(t *testing.T) {
	for name, c := range map[string]struct {
		policy gate.Action
		dead   string
		status []string
		err    error
		want   string // "": SUCCESS
	}{
		"reports by default":         {gate.ActReport, "near", []string{"UPDATE_IN_PROGRESS"}, nil, ""},
		"path of this stack":         {gate.ActFail, "near", []string{"UPDATE_IN_PROGRESS"}, nil, "paths of this stack failed: near"},
		"path of other stacks":       {gate.ActFail, "far", []string{"UPDATE_IN_PROGRESS"}, nil, ""},
		"state unknown":              {gate.ActFail, "near", nil, nil, ""},
		"state refused":              {gate.ActFail, "near", nil, errors.New("AccessDenied"), ""},
		"goes back in the meantime":  {gate.ActFail, "near", []string{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}, nil, ""},
		"a create that fails":        {gate.ActFail, "near", []string{"CREATE_IN_PROGRESS"}, nil, "fail near: "},
		"nothing fails, policy fail": {gate.ActFail, "", []string{"UPDATE_IN_PROGRESS"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				h.config.Policy.OnDeploy = c.policy
				h.stacks.status, h.stacks.err = c.status, c.err
				for _, v := range h.vantages {
					v.dead = map[string]bool{c.dead: true}
				}
				r := h.deploy("Update")
				switch {
				case c.want == "" && c.dead == "":
					succeeded(t, r, gate.Pass)
				case c.want == "":
					succeeded(t, r, gate.Fail)
				case r.Status != "FAILED":
					t.Errorf("got %s, want FAILED", r.Status)
				default:
					says(t, r.Reason, c.want)
				}
			})
		})
	}
}

// What cannot be measured is no reason to fail a deployment, whatever the policy.
func TestCloudFormation_UnmeasuredFailsNothing(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Policy.OnDeploy = gate.ActFail
		h.vantages[seoul].always = apiError("InvalidParameterValueException")
		succeeded(t, h.deploy("Update"), gate.NotMeasured)
	})
}

// In rollback and delete states the gate answers at once, without measuring and without reading its document.
func TestCloudFormation_GoingBack(t *testing.T) {
	for _, status := range []string{
		"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "IMPORT_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS",
	} {
		fast(t, func(t *testing.T, h *harness) {
			h.config.Policy.OnDeploy = gate.ActFail
			h.stacks.status = []string{status}
			request := h.request("Update", "")
			h.document = func() ([]byte, error) { panic("the document is read") }
			began := time.Now()
			if _, err := h.invoke(request); err != nil || len(h.Answers) != 1 {
				t.Fatal(err, h.Answers)
			}
			succeeded(t, h.Answers[0].Response, gate.NotMeasured)
			says(t, h.Answers[0].Data["Summary"], status)
			if took := time.Since(began); took > time.Second || len(h.vantages[seoul].asked()) != 0 {
				t.Errorf("took %s, measured %d times", took, len(h.vantages[seoul].asked()))
			}
		})
	}
}

func TestCloudFormation_Delete(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		request := h.request("Delete", "")
		h.document, h.connect = func() ([]byte, error) { panic("the document is read") }, errors.New("no SDK")
		if _, err := h.invoke(request); err != nil || len(h.Answers) != 1 {
			t.Fatal(err, h.Answers)
		}
		if r := h.Answers[0]; r.Status != "SUCCESS" || r.PhysicalResourceID != "pathproof-gate-ops-Gate" {
			t.Errorf("got %+v", r)
		}
	})
}

// The document of another deployment says nothing about this one.
func TestCloudFormation_OtherDocument(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if _, err := h.invoke(h.request("Update", "older")); err != nil {
			t.Fatal(err)
		}
		succeeded(t, h.Answers[0].Response, gate.NotMeasured)
		says(t, h.Answers[0].Data["Summary"], `run key "older"`, "deploy both from the same assembly")
		if len(h.vantages[seoul].asked()) != 0 {
			t.Error("it measured")
		}
	})
}

// Nothing may leave CloudFormation waiting.
func TestCloudFormation_AlwaysAnswered(t *testing.T) {
	for name, change := range map[string]func(*harness){
		"no document":      func(h *harness) { h.document = func() ([]byte, error) { return nil, errors.New("gone") } },
		"document panics":  func(h *harness) { h.document = func() ([]byte, error) { panic("boom") } },
		"no SDK":           func(h *harness) { h.connect = errors.New("no credentials") },
		"storage hangs":    func(h *harness) { h.objects.hang = true },
		"vantages hang":    func(h *harness) { h.vantages[seoul].takes, h.vantages[oregon].takes = time.Hour, time.Hour },
		"vantages panic":   func(h *harness) { h.vantages[seoul].reply = func(gate.VantageRequest) any { panic("boom") } },
		"little time":      func(h *harness) { h.limit = 3 * time.Second; h.vantages[seoul].takes = time.Hour },
		"answers get lost": func(h *harness) { h.Status = []int{503, 0, 500, 200} },
		"URL refused once": func(h *harness) { h.Status = []int{0, 200} },
	} {
		t.Run(name, func(t *testing.T) {
			fast(t, func(t *testing.T, h *harness) {
				request := h.request("Create", "")
				change(h)
				if _, err := h.invoke(request); err != nil || len(h.Answers) != 1 {
					t.Fatalf("%d answers, %v", len(h.Answers), err)
				}
				if h.Answers[0].Status != "SUCCESS" {
					t.Errorf("got %+v", h.Answers[0])
				}
			})
		})
	}
}

// An answer that cannot be delivered is an error, so that Lambda invokes again; the stored report then answers.
func TestCloudFormation_AnswerNotDelivered(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.Status = []int{503}
		_, err := h.invoke(h.request("Update", ""))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("got %v", err)
		}
		h.Status = []int{200}
		succeeded(t, h.deploy("Update"), gate.Pass)
		if n := len(h.vantages[seoul].asked()); n != 1 {
			t.Errorf("measured %d times for one request", n)
		}
	})
}

// However many paths there are, the answer fits and says at least the verdict.
func TestCloudFormation_ManyPaths(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.config.Policy.OnDeploy = gate.ActFail
		h.config.Run = gate.Run{Count: 10, Timeout: 1000}
		h.vantages[seoul].dead = map[string]bool{}
		target := &gate.Target{Kind: probe.KindTCP, Host: "10.0.0.7", Port: 7007}
		for i := range 200 {
			name := fmt.Sprintf("a-rather-long-name-for-a-path-<&>-%03d", i)[:32] + fmt.Sprint(i)
			name = strings.NewReplacer("<", "x", "&", "y", ">", "z").Replace(name)
			h.config.Paths = append(h.config.Paths, gate.Path{Name: name, Measured: gate.ByVantage, Vantage: "seoul", Target: target, InStack: i == 7})
		}
		h.config.Paths[0].SLO, h.config.Paths[1].SLO = "", ""
		r := h.deploy("Update")
		succeeded(t, r, gate.Pass)
		if len(r.Data["Paths"]) < 1000 {
			t.Errorf("only %d bytes of paths", len(r.Data["Paths"]))
		}
		for _, p := range h.config.Paths {
			h.vantages[seoul].dead[p.Name] = true
		}
		h.bucket = ""
		if r := h.deploy("Update"); r.Status != "FAILED" || !strings.Contains(r.Reason, "paths of this stack failed: near, ") {
			t.Errorf("got %s: %.300s", r.Status, r.Reason)
		}
	})
}

// Texts that JSON writes six times as long still fit: an answer that does not would fail the deployment.
func TestCloudFormation_LongTexts(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		request := h.request("Update", "")
		h.document = func() ([]byte, error) { return nil, errors.New(strings.Repeat("\x01", 5000)) }
		h.vantages[oregon].reply = func(gate.VantageRequest) any { return strings.Repeat("\x01", 5000) }
		if _, err := h.invoke(request); err != nil || len(h.Answers) != 1 {
			t.Fatal(err, len(h.Answers))
		}
		succeeded(t, h.Answers[0].Response, gate.NotMeasured)
		h.document = nil
		succeeded(t, h.deploy("Update"), gate.NotMeasured)
	})
}

func TestCloudFormation_UnknownRequest(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		if r := h.deploy("Repair"); r.Status != "FAILED" {
			t.Errorf("got %+v", r)
		}
	})
}

func TestPhysicalID(t *testing.T) {
	create := lambdax.Request{StackID: "arn:aws:cloudformation:us-west-2:111122223333:stack/ops/1", LogicalResourceID: "Gate"}
	if got := physicalID(create); got != "pathproof-gate-ops-Gate" {
		t.Errorf("got %s", got)
	}
	create.PhysicalResourceID = "what it was"
	if got := physicalID(create); got != "what it was" {
		t.Errorf("got %s", got)
	}
	if got := physicalID(lambdax.Request{StackID: strings.Repeat("s", 2000)}); len(got) > 1000 {
		t.Errorf("%d bytes", len(got))
	}
}
