package main

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
)

// ec2Endpoint speaks EC2's query protocol for one attachment.
type ec2Endpoint struct {
	mu      sync.Mutex
	table   string
	actions []string
	regions map[string]bool // from the signatures
	stumble int             // throttle that many calls first
}

func (e *ec2Endpoint) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	e.actions = append(e.actions, action)
	if scope := strings.Split(req.Header.Get("Authorization"), "/"); len(scope) > 3 {
		e.regions[scope[2]] = true
	}
	if e.stumble > 0 {
		e.stumble--
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>slow down</Message></Error></Errors><RequestID>r</RequestID></Response>`)
		return
	}
	type association struct {
		Table string `xml:"transitGatewayRouteTableId"`
		State string `xml:"state"`
	}
	type item struct {
		ID          string       `xml:"transitGatewayAttachmentId"`
		State       string       `xml:"state"`
		Association *association `xml:"association"`
	}
	result := struct {
		XMLName xml.Name
		Items   []item `xml:"transitGatewayAttachments>item,omitempty"`
	}{XMLName: xml.Name{Local: action + "Response"}}
	switch action {
	case "DescribeTransitGatewayAttachments":
		it := item{ID: form.Get("TransitGatewayAttachmentIds.1"), State: "available"}
		if e.table != "" {
			it.Association = &association{e.table, "associated"}
		}
		result.Items = append(result.Items, it)
	case "AssociateTransitGatewayRouteTable":
		e.table = form.Get("TransitGatewayRouteTableId")
	case "DisassociateTransitGatewayRouteTable":
		e.table = ""
	default:
		http.Error(w, "unknown action "+action, http.StatusBadRequest)
		return
	}
	_ = xml.NewEncoder(w).Encode(result)
}

// associated is the route table of the one attachment.
func (e *ec2Endpoint) associated() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.table
}

// TestBinary runs the real program, with Lambda's Runtime API, EC2 and the presigned URL on the loopback interface.
func TestBinary(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // a cold build of service/ec2 takes one
	defer cancel()
	program := lambdatest.Build(ctx, t)
	endpoint := &ec2Endpoint{regions: map[string]bool{}, stumble: 2}
	fakeAWS := httptest.NewServer(endpoint)
	defer fakeAWS.Close()
	answers := make(chan []byte, 4)
	refuse := 1
	presigned := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		if refuse > 0 {
			refuse--
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		if req.Method != http.MethodPut || req.Header.Get("Content-Type") != "" || req.ContentLength != int64(len(body)) {
			t.Errorf("%s, Content-Type %q, Content-Length %d for %d bytes", req.Method, req.Header.Get("Content-Type"), req.ContentLength, len(body))
		}
		answers <- body
	}))
	defer presigned.Close()

	function := lambdatest.Start(t, program, "arn:aws:lambda:ap-northeast-2:111122223333:function:resources", time.Minute,
		"AWS_REGION="+home, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY="+"example", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ENDPOINT_URL_EC2="+fakeAWS.URL, "HOME="+t.TempDir())

	invoke := func(e map[string]any) lambdax.Response {
		e["ResponseURL"] = presigned.URL + "/answer?X-Amz-Signature=SECRETSIGNATURE"
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if end := function.Invoke(ctx, "11111111-2222-3333-4444-555555555555", raw); end.Error {
			t.Fatalf("the function failed: %s", end.Payload)
		}
		var r lambdax.Response
		select {
		case body := <-answers:
			if err := json.Unmarshal(body, &r); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatal("the invocation ended without an answer to CloudFormation")
		}
		return r
	}

	created := succeeded(t, invoke(associate("Create", "", attA, rtb1)))
	if got := endpoint.associated(); got != rtb1 {
		t.Errorf("EC2 has %q", got)
	}
	succeeded(t, invoke(associate("Delete", created.PhysicalResourceID, attA, rtb1)))
	if got := endpoint.associated(); got != "" {
		t.Errorf("EC2 has %q after the Delete", got)
	}
	failedWith(t, invoke(associate("Create", "", "x", "y")), "TransitGatewayAttachmentId: not an id", "TransitGatewayRouteTableId: not an id")
	function.Stop()

	endpoint.mu.Lock()
	defer endpoint.mu.Unlock()
	if len(endpoint.regions) != 1 || !endpoint.regions[home] {
		t.Errorf("calls were signed for %v, want %s", endpoint.regions, home)
	}
	if out := function.Log(); strings.Contains(out, "SECRETSIGNATURE") || !strings.Contains(out, `"msg":"request done"`) {
		t.Errorf("log:\n%s", out)
	}
}
