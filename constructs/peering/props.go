package peering

import (
	"net/netip"
	"regexp"

	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
)

var (
	namePattern    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
)

func required(f *cdkx.Fields, where string, id *string) {
	if id == nil || *id == "" {
		f.Addf(where, "missing; give the id")
	}
}

func validateRegion(f *cdkx.Fields, region string) {
	if region != "" && !awsdata.IsRegionCode(region) {
		f.Addf("accepterRegion", "not a Region, got %q; write it like ap-northeast-1", region)
	}
}

func validateAccount(f *cdkx.Fields, account string) {
	if account != "" && !accountPattern.MatchString(account) {
		f.Addf("accepterAccount", "not an account id, got %q; write its twelve digits", account)
	}
}

func validateName(f *cdkx.Fields, where, name string) {
	switch {
	case name == "":
		f.Addf(where, "missing; give the name")
	case !namePattern.MatchString(name):
		f.Addf(where, "not a name, got %q; use letters, digits and hyphens", name)
	}
}

func validateDestination(f *cdkx.Fields, where string, p netip.Prefix) {
	switch {
	case p == netip.Prefix{}:
		f.Addf(where, "missing; write it like 10.0.0.0/16")
	case !p.IsValid() || !p.Addr().Is4():
		f.Addf(where, "not an IPv4 prefix, got %q; write it like 10.0.0.0/16", p)
	case p != p.Masked():
		f.Addf(where, "host bits are set, got %s; write %s", p, p.Masked())
	}
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return jsii.String(s)
}

func nameOr(name, id string) string {
	if name == "" {
		return id
	}
	return name
}
