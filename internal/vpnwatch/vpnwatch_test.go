package vpnwatch

import (
	"bytes"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestText_IsReadAsItWasWritten(t *testing.T) {
	where := Where{"shop", "idc", "fw1", 2, "shop-ops-ap-northeast-2"}
	for _, want := range []Text{
		{What: "Tunnel 2 is down.", Means: "half, and no more", Do: "Look: at it", Where: where},
		{What: "It is down."},
		{What: "Two\nlines", Where: Where{Network: "shop"}},
	} {
		if diff := cmp.Diff(want, ParseText(want.String())); diff != "" {
			t.Errorf("(-written +read):\n%s", diff)
		}
	}
	if got, want := (Text{What: "W.", Means: "M", Do: "D", Where: where}).String(),
		"W.\nMeans: M\nDo: D\nWhere: network shop, site idc, VPN connection fw1, tunnel 2, stack shop-ops-ap-northeast-2"; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// What others write into a description is told as it is.
func TestText_OfOthers(t *testing.T) {
	for _, s := range []string{"", "CPU above 90 %", "Where: nowhere in particular", "a\n\nb"} {
		got := ParseText(s)
		if strings.HasPrefix(s, whereLine) {
			continue // reads as nothing that is known
		}
		if got.What != s {
			t.Errorf("%q: got %q", s, got.What)
		}
	}
}

func prefixes(list ...string) []netip.Prefix {
	out := []netip.Prefix{}
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestCheck_Compare(t *testing.T) {
	c := &Check{Prefixes: prefixes("10.20.0.0/16", "10.21.0.0/24")}
	for name, x := range map[string]struct{ learned, unexpected, missing []netip.Prefix }{
		"as agreed":         {prefixes("10.21.0.0/24", "10.20.0.0/16"), prefixes(), prefixes()},
		"nothing":           {nil, prefixes(), prefixes("10.20.0.0/16", "10.21.0.0/24")},
		"a part is not it":  {prefixes("10.20.0.0/17", "10.20.128.0/17", "10.21.0.0/24"), prefixes("10.20.0.0/17", "10.20.128.0/17"), prefixes("10.20.0.0/16")},
		"the default route": {prefixes("0.0.0.0/0", "10.20.0.0/16", "10.21.0.0/24", "0.0.0.0/0"), prefixes("0.0.0.0/0"), prefixes()},
	} {
		t.Run(name, func(t *testing.T) {
			unexpected, missing := c.Compare(x.learned)
			if !slices.Equal(unexpected, x.unexpected) || !slices.Equal(missing, x.missing) {
				t.Errorf("got unexpected %v and missing %v, want %v and %v", unexpected, missing, x.unexpected, x.missing)
			}
		})
	}
}

func TestParseCheck_ReportsEverything(t *testing.T) {
	_, err := ParseCheck([]byte(`{"vpnConnections": ["vpn-1", ""]}`))
	for _, field := range []string{"network", "site", "routeTable", "vpnConnections", "prefixes"} {
		if err == nil || !strings.Contains(err.Error(), field+": missing") {
			t.Errorf("%s is not reported: %v", field, err)
		}
	}
	if _, err := ParseCheck([]byte(`{"prefixes": ["10.0.0.0/99"]}`)); err == nil || !strings.Contains(err.Error(), "only the network's own rule") {
		t.Errorf("got %v", err)
	}
}

// CloudWatch drops an event of another form without a word.
func TestCheck_WriteMetrics(t *testing.T) {
	var b bytes.Buffer
	c := &Check{Network: "shop", Site: "idc"}
	if err := c.WriteMetrics(&b, time.UnixMilli(1700000000000), prefixes("10.9.0.0/16"), nil); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || bytes.Count(b.Bytes(), []byte("\n")) != 1 {
		t.Fatalf("not one line of JSON: %v\n%s", err, b.String())
	}
	want := map[string]any{"Network": "shop", "Site": "idc", "UnexpectedPrefixes": 1.0, "MissingPrefixes": 0.0, "unexpected": []any{"10.9.0.0/16"}, "missing": nil,
		"_aws": map[string]any{"Timestamp": 1700000000000.0, "CloudWatchMetrics": []any{map[string]any{"Namespace": "Pathproof/VPN",
			"Dimensions": []any{[]any{"Network", "Site"}},
			"Metrics":    []any{map[string]any{"Name": "UnexpectedPrefixes", "Unit": "Count"}, map[string]any{"Name": "MissingPrefixes", "Unit": "Count"}}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The template becomes a notification once EventBridge has filled it in: a value stands in place of <name>, as JSON.
func TestHealthTemplate_BecomesANotification(t *testing.T) {
	values := map[string]any{"id": "e1", "time": "2026-11-30T06:00:54Z", "region": "us-west-2", "code": "AWS_VPN_REDUNDANCY_LOSS",
		"category": "accountNotification", "text": "Your VPN Connection \"x\" had\na momentary lapse of redundancy.", "resources": []string{"vpn-0d2aca25695801ce2"}}
	filled := HealthTemplate("shop")
	for name := range HealthPaths() {
		text, err := json.Marshal(values[name])
		if err != nil || values[name] == nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(filled, "<"+name+">") {
			t.Errorf("the template does not use %s", name)
		}
		filled = strings.ReplaceAll(filled, "<"+name+">", string(text))
	}
	var n Notification
	d := json.NewDecoder(strings.NewReader(filled))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		t.Fatalf("%v\n%s", err, filled)
	}
	if n.Source != "custom" || n.Version != "1.0" || n.Content.Description != values["text"] || n.Content.TextType != "client-markdown" ||
		n.Metadata.RelatedResources[0] != "vpn-0d2aca25695801ce2" || n.Metadata.AdditionalContext["network"] != "shop" || len(filled) > 8192 {
		t.Errorf("got %+v", n)
	}
}
