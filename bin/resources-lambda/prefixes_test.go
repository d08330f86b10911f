package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

const checkEvent = `{"network": "shop", "site": "idc", "routeTable": "tgw-rtb-0123456789abcdef0",
	"vpnConnections": ["vpn-0123456789abcdef0", "vpn-0123456789abcdef1"], "prefixes": ["10.20.0.0/16", "10.21.0.0/24"]}`

// fakeRoutes is a route table of a transit gateway, in pages.
type fakeRoutes struct {
	t     *testing.T
	pages [][]string
	more  bool // EC2 has more than it lists
	err   error
	calls int
}

func (f *fakeRoutes) SearchTransitGatewayRoutes(_ context.Context, in *ec2.SearchTransitGatewayRoutesInput, _ ...func(*ec2.Options)) (*ec2.SearchTransitGatewayRoutesOutput, error) {
	f.calls++
	if f.err != nil {
		return nil, f.err
	}
	if *in.TransitGatewayRouteTableId != "tgw-rtb-0123456789abcdef0" {
		return nil, apiError("InvalidRouteTableID.NotFound")
	}
	filters := map[string][]string{}
	for _, x := range in.Filters {
		filters[*x.Name] = x.Values
	}
	// Without the filters the routes of VPCs, and static ones, would be taken for what the site announces.
	if !slices.Equal(filters["type"], []string{"propagated"}) || !slices.Equal(filters["attachment.resource-id"], []string{"vpn-0123456789abcdef0", "vpn-0123456789abcdef1"}) || len(filters) != 2 {
		f.t.Errorf("filters: %v", filters)
	}
	page := 0
	if in.NextToken != nil {
		_, _ = fmt.Sscan(*in.NextToken, &page)
	}
	out := &ec2.SearchTransitGatewayRoutesOutput{AdditionalRoutesAvailable: aws.Bool(f.more)}
	if page+1 < len(f.pages) {
		out.NextToken = aws.String(fmt.Sprint(page + 1))
	}
	for _, p := range f.pages[page] {
		out.Routes = append(out.Routes, types.TransitGatewayRoute{DestinationCidrBlock: &p})
	}
	return out, nil
}

func (f *fakeRoutes) check(event string) (metrics, log string, err error) {
	var m, l bytes.Buffer
	c := &checker{metrics: &m, log: lambdax.NewLogger(&l), now: func() time.Time { return time.UnixMilli(1700000000000) },
		connect: func(context.Context) (routesAPI, error) { return f, nil }}
	err = c.handle(f.t.Context(), json.RawMessage(event))
	return m.String(), l.String(), err
}

func TestPrefixes_AreCompared(t *testing.T) {
	for name, x := range map[string]struct {
		pages               [][]string
		unexpected, missing int
		log                 []string
	}{
		"as agreed":     {[][]string{{"10.20.0.0/16", "10.21.0.0/24"}}, 0, 0, []string{"keeps its contract"}},
		"in two pages":  {[][]string{{"10.20.0.0/16"}, {"10.21.0.0/24"}}, 0, 0, []string{"keeps its contract"}},
		"nothing comes": {[][]string{nil}, 0, 2, []string{"does not keep", `"missing":["10.20.0.0/16","10.21.0.0/24"]`}},
		"the default":   {[][]string{{"0.0.0.0/0", "10.20.0.0/16", "10.21.0.0/24"}}, 1, 0, []string{`"unexpected":["0.0.0.0/0"]`}},
		"split":         {[][]string{{"10.20.0.0/17", "10.20.128.0/17", "10.21.0.0/24"}}, 2, 1, []string{`"missing":["10.20.0.0/16"]`}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeRoutes{t: t, pages: x.pages}
			metrics, log, err := f.check(checkEvent)
			if err != nil || f.calls != len(x.pages) {
				t.Fatalf("%v after %d calls", err, f.calls)
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(metrics), &got); err != nil {
				t.Fatal(err)
			}
			if got[vpnwatch.MetricUnexpected] != float64(x.unexpected) || got[vpnwatch.MetricMissing] != float64(x.missing) {
				t.Errorf("metrics: %s", metrics)
			}
			for _, w := range x.log {
				if !strings.Contains(log, w) {
					t.Errorf("the log does not say %s:\n%s", w, log)
				}
			}
		})
	}
}

// Where nothing is known there is no metric: an alarm takes that for a contract that is not proven.
func TestPrefixes_NoMetricWithoutAnAnswer(t *testing.T) {
	for name, x := range map[string]struct {
		fake  fakeRoutes
		event string
		want  string // of the error; empty: none, since another try would not help
		log   string
	}{
		"no permission":      {fakeRoutes{err: apiError("UnauthorizedOperation")}, checkEvent, "site idc: routes of tgw-rtb-0123456789abcdef0", "prefixes not checked"},
		"no such table":      {fakeRoutes{pages: [][]string{nil}}, strings.Replace(checkEvent, "tgw-rtb-0123456789abcdef0", "tgw-rtb-1", 1), "InvalidRouteTableID.NotFound", "prefixes not checked"},
		"more than it lists": {fakeRoutes{pages: [][]string{{"10.20.0.0/16"}}, more: true}, checkEvent, "EC2 has more than it lists", "prefixes not checked"},
		"no prefix":          {fakeRoutes{pages: [][]string{{"pl-123"}}}, checkEvent, `not a prefix, got "pl-123"`, "prefixes not checked"},
		"another event":      {fakeRoutes{}, `{"source": "aws.events"}`, "", "event refused"},
	} {
		t.Run(name, func(t *testing.T) {
			x.fake.t = t
			metrics, log, err := x.fake.check(x.event)
			if metrics != "" {
				t.Errorf("metrics: %s", metrics)
			}
			if (err == nil) != (x.want == "") || err != nil && !strings.Contains(err.Error(), x.want) {
				t.Errorf("got %v, want %q", err, x.want)
			}
			if !strings.Contains(log, x.log) {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// TestBinary_Prefixes runs the real program as the second function: its handler tells which one it is.
func TestBinary_Prefixes(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		form, _ := url.ParseQuery(string(body))
		if form.Get("Action") != "SearchTransitGatewayRoutes" {
			http.Error(w, "unknown action", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, `<SearchTransitGatewayRoutesResponse><routeSet><item><destinationCidrBlock>10.20.0.0/16</destinationCidrBlock></item>`+
			`<item><destinationCidrBlock>10.99.0.0/16</destinationCidrBlock></item></routeSet><additionalRoutesAvailable>false</additionalRoutesAvailable></SearchTransitGatewayRoutesResponse>`)
	}))
	defer endpoint.Close()
	function := lambdatest.Start(t, lambdatest.Build(ctx, t), "arn:aws:lambda:ap-northeast-2:111122223333:function:check", time.Minute,
		"_HANDLER="+vpnwatch.HandlerPrefixes, "AWS_REGION="+home, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY="+"example",
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL_EC2="+endpoint.URL, "HOME="+t.TempDir())
	if end := function.Invoke(ctx, "11111111-2222-3333-4444-555555555555", []byte(checkEvent)); end.Error {
		t.Fatalf("the function failed: %s", end.Payload)
	}
	if missing := function.AwaitLog(0, `"UnexpectedPrefixes":1`, `"MissingPrefixes":1`, `"unexpected":["10.99.0.0/16"]`, `"missing":["10.21.0.0/24"]`, `"Namespace":"Pathproof/VPN"`); missing != nil {
		t.Errorf("the log does not say %q:\n%s", missing, function.Log())
	}
}
