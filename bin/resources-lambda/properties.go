package main

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
)

var hexID = regexp.MustCompile(`^[0-9a-f]{8,17}$`)

// properties reads a custom resource's properties and collects everything that is wrong with them. Properties that
// nobody asks for are ignored: Revision only exists to make CloudFormation send an Update.
type properties struct {
	values map[string]any
	errs   []error
}

func parseProperties(raw json.RawMessage) *properties {
	p := &properties{}
	if err := json.Unmarshal(raw, &p.values); err != nil {
		p.errs = append(p.errs, fmt.Errorf("ResourceProperties: not an object, got %.60q; use the constructs of package customresource", raw))
	}
	return p
}

func (p *properties) addf(name, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
}

// text is a property as a string, "" if it is absent. CloudFormation sends every scalar as a string.
func (p *properties) text(name string) string {
	switch v := p.values[name].(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		p.addf(name, "not a string, got %v; pass one value", v)
		return ""
	}
}

// id is a required id of EC2, such as vpn-0123456789abcdef0 for prefix "vpn-".
func (p *properties) id(name, prefix string) string {
	v := p.text(name)
	digits, ok := strings.CutPrefix(v, prefix)
	if v == "" {
		p.addf(name, "missing; pass an id that starts with %s", prefix)
	} else if !ok || !hexID.MatchString(digits) {
		p.addf(name, "not an id, got %q; pass an id like %s0123456789abcdef0", v, prefix)
	}
	return v
}

// oneOf is a required property with a fixed set of values.
func (p *properties) oneOf(name string, allowed ...string) string {
	v := p.text(name)
	if v == "" {
		p.addf(name, "missing; use one of %q", allowed)
	} else if !slices.Contains(allowed, v) {
		p.addf(name, "unknown value, got %q; use one of %q", v, allowed)
	}
	return v
}

// region is a required AWS Region code.
func (p *properties) region(name string) string {
	v := p.text(name)
	if v == "" {
		p.addf(name, "missing; pass a Region like ap-northeast-2")
	} else if !awsdata.IsRegionCode(v) {
		p.addf(name, "not a Region, got %q; pass a Region like ap-northeast-2", v)
	}
	return v
}

// prefix is an optional IPv4 prefix; the zero value means absent.
func (p *properties) prefix(name string) netip.Prefix {
	v := p.text(name)
	if v == "" {
		return netip.Prefix{}
	}
	got, err := netip.ParsePrefix(v)
	if err != nil || !got.Addr().Is4() {
		p.addf(name, "not an IPv4 prefix, got %q; write it like 169.254.110.0/30", v)
		return netip.Prefix{}
	}
	return got.Masked()
}
