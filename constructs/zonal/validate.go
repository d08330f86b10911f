package zonal

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
)

const maxDomain = 240 // 255 by DNS, less the label of a zone

var (
	nameForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	zoneForm   = regexp.MustCompile(`^[a-z]{2,5}[0-9]-az[0-9]{1,2}$`)
	domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	mapForm    = regexp.MustCompile(`^[!-~]+$`)
)

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ServiceProps) Validate() error {
	p = p.withDefaults()
	var f cdkx.Fields
	if !nameForm.MatchString(p.Name) {
		f.Addf("name", "not a name, got %q; use lower case, digits and hyphens", p.Name)
	}
	switch p.Mode {
	case PerAZ, NLBPerAZ, ClientRouting, Direct:
	default:
		f.Addf("mode", "unknown value, got %q; use %q, %q, %q or %q", p.Mode, PerAZ, NLBPerAZ, ClientRouting, Direct)
		return f.Err() // what else is asked for depends on it
	}
	zones := p.validateZones(&f)
	p.validateDirect(&f)
	p.validateCloudMap(&f)
	if p.TargetsParameter != "" && len(p.targetPorts()) > 1 {
		f.Addf("targetsParameter", "it says one target group, got ports %v; leave it out, and give yours TargetGroupArns", p.targetPorts())
	}
	if p.Mode == Direct || !zones {
		return f.Err()
	}
	errs := []error{f.Err()}
	if p.Mode == NLBPerAZ {
		errs = append(errs, p.balancer(p.Zones[:1]).Validate()) // those of other zones differ in what was looked at above
	} else {
		errs = append(errs, p.balancer(p.Zones).Validate())
	}
	return joined(errs...)
}

// joined keeps each problem one of a flat list.
func joined(errs ...error) error {
	var all []error
	for _, err := range errs {
		if list, ok := err.(interface{ Unwrap() []error }); ok {
			all = append(all, list.Unwrap()...)
		} else if err != nil {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// validateZones reports whether load balancers could be made of them.
func (p ServiceProps) validateZones(f *cdkx.Fields) bool {
	var own cdkx.Fields
	if len(p.Zones) == 0 {
		own.Addf("zones", "missing; give those that the service stands in")
	}
	seen, addresses, filled := map[string]bool{}, map[netip.Addr]string{}, 0
	for i, z := range p.Zones {
		at := fmt.Sprintf("zones[%d]", i)
		checkZone(&own, at, z.ZoneID, seen)
		if p.Mode != Direct {
			own.RequireText(at+".subnetId", z.SubnetId)
		}
		switch {
		case !p.Mode.fixed() && z.Address.IsValid():
			own.Addf(at+".address", "there is no fixed address in mode %s, got %s; leave it out", p.Mode, z.Address)
		case !p.Mode.fixed():
		case !z.Address.Is4():
			own.Addf(at+".address", "want an IPv4 address of the subnet, got %s; give the one that never changes", z.Address)
		case addresses[z.Address] != "":
			own.Addf(at+".address", "that of %s too, got %s; give each zone its own", addresses[z.Address], z.Address)
		default:
			addresses[z.Address] = z.ZoneID
		}
		if len(z.TargetIPs)+len(z.TargetInstanceIDs) > 0 {
			filled++
		}
	}
	if filled > 0 && filled < len(p.Zones) && p.Mode != Direct {
		for i, z := range p.Zones {
			if len(z.TargetIPs)+len(z.TargetInstanceIDs) == 0 {
				own.Addf(fmt.Sprintf("zones[%d]", i), "no target, got %s without any; its address would lead nowhere: give it one, or leave the zone out", z.ZoneID)
			}
		}
	}
	f.Join(own)
	return own.Err() == nil
}

// validateDirect wants nothing of a load balancer where there is none.
func (p ServiceProps) validateDirect(f *cdkx.Fields) {
	if p.Mode != Direct {
		return
	}
	for _, x := range []struct {
		field string
		given bool
	}{{"securityGroupIds", len(p.SecurityGroupIds) > 0}, {"listeners", len(p.Listeners) > 0}, {"certificateArn", p.CertificateArn != ""},
		{"targetType", p.TargetType != ""}, {"healthPath", p.HealthPath != ""}, {"preserveClientIP", p.PreserveClientIP}, {"targetsParameter", p.TargetsParameter != ""}} {
		if x.given {
			f.Addf(x.field, "of a load balancer, and there is none in mode %s; leave it out", p.Mode)
		}
	}
	for i, z := range p.Zones {
		if len(z.TargetIPs)+len(z.TargetInstanceIDs) > 0 {
			f.Addf(fmt.Sprintf("zones[%d].targetIPs", i), "of a load balancer, and there is none in mode %s; give cloudMap.instances", p.Mode)
		}
	}
	if p.CloudMap == nil {
		f.Addf("cloudMap", "missing; without it and without a load balancer there is nothing here: use Names alone")
	}
}

func (p ServiceProps) validateCloudMap(f *cdkx.Fields) {
	c := p.CloudMap
	if c == nil {
		return
	}
	for _, x := range []struct { // AWS's limits of CreateHttpNamespace and CreateService
		field, value string
		most         int
	}{{"cloudMap.namespace", c.Namespace, 1024}, {"cloudMap.service", c.Service, 127}} {
		if !mapForm.MatchString(x.value) || len(x.value) > x.most {
			f.Addf(x.field, "not a name for Cloud Map, got %q; use up to %d characters without spaces, for example foo.internal", x.value, x.most)
		}
	}
	if p.Mode == ClientRouting {
		f.Addf("cloudMap", "there is no fixed address to tell in mode %s; use %s, or leave it out", p.Mode, PerAZ)
	} else if p.Mode != Direct && len(c.Instances) > 0 {
		f.Addf("cloudMap.instances", "the zones' fixed addresses are told in mode %s, got %d more; leave them out", p.Mode, len(c.Instances))
	}
	zones, ids := map[string]bool{}, map[string]bool{}
	for _, z := range p.Zones {
		zones[z.ZoneID] = true
	}
	for i, x := range c.Instances {
		at := fmt.Sprintf("cloudMap.instances[%d]", i)
		switch {
		case !mapForm.MatchString(x.ID) || len(x.ID) > 64:
			f.Addf(at+".id", "not an id for Cloud Map, got %q; use up to 64 characters without spaces", x.ID)
		case ids[x.ID]:
			f.Addf(at+".id", "stands twice, got %q; give each its own", x.ID)
		}
		ids[x.ID] = true
		if !zones[x.ZoneID] {
			f.Addf(at+".zoneId", "not a zone of the service, got %q; add it to zones", x.ZoneID)
		}
		checkAddresses(f, at+".address", []netip.Addr{x.Address})
		if x.Port < 1 || x.Port > 65535 {
			f.Addf(at+".port", "out of range, got %d; use 1 to 65535", x.Port)
		}
	}
}

// checkZone wants an AZ ID that was not seen before.
func checkZone(f *cdkx.Fields, at, zoneID string, seen map[string]bool) {
	switch {
	case !zoneForm.MatchString(zoneID):
		f.Addf(at+".zoneId", "not an AZ ID, got %q; write it like apne2-az1", zoneID)
	case seen[zoneID]:
		f.Addf(at+".zoneId", "stands twice, got %q; leave one out", zoneID)
	}
	seen[zoneID] = true
}

func checkAddresses(f *cdkx.Fields, at string, list []netip.Addr) {
	for _, a := range list {
		if !a.Is4() {
			f.Addf(at, "not an IPv4 address, got %s; give private ones", a)
		}
	}
}

func requireRegion(f *cdkx.Fields, at, region string) {
	if !awsdata.IsRegionCode(region) {
		f.Addf(at, "not a Region, got %q; write it like ap-northeast-2", region)
	}
}
