package accelerated

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
)

// What Global Accelerator takes at most of each.
const maxEach = 10

var (
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$`)
	listenerForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	pathForm     = regexp.MustCompile(`^/[-a-zA-Z0-9@:%_\\+.~#?&/=]*$`)
	prefixForm   = regexp.MustCompile(`^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$`)
)

// idForms are those of ids that are plain text.
var idForms = map[Kind]struct{ prefix, like string }{
	Address: {"eipalloc-", "eipalloc-0123456789abcdef0"}, LoadBalancer: {"arn:", "the ARN of a load balancer"}, Instance: {"i-", "i-0123456789abcdef0"},
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p AcceleratorProps) Validate() error {
	var f cdkx.Fields
	if !nameForm.MatchString(p.Name) {
		f.Addf("name", "not one that Global Accelerator takes, got %q; use 1 to 64 letters, digits and inner hyphens", p.Name)
	}
	if l := p.FlowLogs; l != nil {
		if l.ExpireDays < 0 {
			f.Addf("flowLogs.expireDays", "out of range, got %d; use 1 or more", l.ExpireDays)
		}
		if l.Prefix != "" && !prefixForm.MatchString(l.Prefix) {
			f.Addf("flowLogs.prefix", "not a prefix, got %q; write it like flow-logs, without a slash at its ends", l.Prefix)
		}
	}
	count(&f, "listeners", len(p.Listeners))
	seen := map[string]bool{}
	for _, l := range p.Listeners {
		at := fmt.Sprintf("listeners[%s %s]", l.Name, l.Protocol)
		if seen[at] {
			f.Addf(at, "a listener stands twice; give each its own name")
		}
		seen[at] = true
		l.validate(&f, at)
	}
	p.validatePorts(&f)
	p.validateOverrides(&f)
	return f.Err()
}

func count(f *cdkx.Fields, at string, n int) {
	if n < 1 || n > maxEach {
		f.Addf(at, "want 1 to %d, got %d; Global Accelerator takes no other number", maxEach, n)
	}
}

func (l ListenerProps) validate(f *cdkx.Fields, at string) {
	if !listenerForm.MatchString(l.Name) {
		f.Addf(at+".name", "not a name, got %q; use lower case, digits and hyphens", l.Name)
	}
	if l.Protocol != TCP && l.Protocol != UDP {
		f.Addf(at+".protocol", "unknown value, got %q; use %q or %q", l.Protocol, TCP, UDP)
	}
	count(f, at+".ports", len(l.Ports))
	for _, r := range l.Ports {
		if r.From < 1 || r.To > 65535 || r.From > r.To {
			f.Addf(at+".ports", "not a range, got %d-%d; use 1 to 65535", r.From, r.To)
		}
	}
	if len(l.Groups) == 0 {
		f.Addf(at+".groups", "missing; say where it leads")
	}
	if len(l.Groups) > 1 && !l.Interchangeable {
		f.Addf(at+".interchangeable", "clients are sent to the nearest of %d Regions, got false; set it, or use a listener for each Region", len(l.Groups))
	}
	regions := map[string]bool{}
	for _, g := range l.Groups {
		where := fmt.Sprintf("%s.groups[%s]", at, g.Region)
		if regions[g.Region] {
			f.Addf(where, "a Region stands twice; put its endpoints into one group")
		}
		regions[g.Region] = true
		g.withDefaults().validate(f, where)
	}
}

func (g EndpointGroupProps) validate(f *cdkx.Fields, at string) {
	if !awsdata.IsRegionCode(g.Region) {
		f.Addf(at+".region", "not a Region, got %q; write it like ap-northeast-2", g.Region)
	}
	if d := or(g.Dial, DefaultDial); d < 0 || d > 100 {
		f.Addf(at+".dial", "out of range, got %d; use 0 to 100", d)
	}
	switch {
	case g.Health != HealthTCP && g.Health != HealthHTTP && g.Health != HealthHTTPS:
		f.Addf(at+".health", "unknown value, got %q; use %q, %q or %q", g.Health, HealthTCP, HealthHTTP, HealthHTTPS)
	case g.Health == HealthTCP && g.HealthPath != "":
		f.Addf(at+".healthPath", "a check by TCP asks for no path, got %q; leave it out", g.HealthPath)
	case g.Health != HealthTCP && (len(g.HealthPath) > 255 || !pathForm.MatchString(g.HealthPath)):
		f.Addf(at+".healthPath", "not a path, got %q; begin it with /", g.HealthPath)
	}
	if g.HealthPort < 0 || g.HealthPort > 65535 {
		f.Addf(at+".healthPort", "out of range, got %d; use 1 to 65535", g.HealthPort)
	}
	if g.IntervalSeconds != 10 && g.IntervalSeconds != 30 {
		f.Addf(at+".intervalSeconds", "not one that Global Accelerator offers, got %d; use 10 or 30", g.IntervalSeconds)
	}
	if g.Threshold < 1 || g.Threshold > 10 {
		f.Addf(at+".threshold", "out of range, got %d; use 1 to 10", g.Threshold)
	}
	count(f, at+".endpoints", len(g.Endpoints))
	seen := map[string]bool{}
	for i, e := range g.Endpoints {
		where := fmt.Sprintf("%s.endpoints[%d]", at, i)
		e.validate(f, where)
		if e.EndpointId != nil && seen[*e.EndpointId] {
			f.Addf(where, "an endpoint stands twice; leave one out")
		}
		if e.EndpointId != nil {
			seen[*e.EndpointId] = true
		}
	}
}

func (e EndpointProps) validate(f *cdkx.Fields, at string) {
	form, known := idForms[e.Kind]
	if !known {
		f.Addf(at+".kind", "unknown value, got %q; use %q, %q or %q", e.Kind, Address, LoadBalancer, Instance)
	}
	machine.RequireText(f, at+".endpointId", e.EndpointId, "give the id that its kind has")
	if id := e.EndpointId; known && id != nil && *id != "" && !machine.Token(*id) && !strings.HasPrefix(*id, form.prefix) {
		f.Addf(at+".endpointId", "not one of kind %s, got %q; give one like %s", e.Kind, *id, form.like)
	}
	if w := or(e.Weight, DefaultWeight); w < 0 || w > 255 {
		f.Addf(at+".weight", "out of range, got %d; use 0 to 255", w)
	}
	if e.Kind == Address && e.PreserveClientIP {
		f.Addf(at+".preserveClientIp", "an Elastic IP never sees clients' own addresses, got true; leave it out")
	}
	if e.Kind == Instance && !e.PreserveClientIP {
		f.Addf(at+".preserveClientIp", "an instance always sees clients' own addresses, got false; set it")
	}
}

// validatePorts wants each port of a protocol in one listener only.
func (p AcceleratorProps) validatePorts(f *cdkx.Fields) {
	type held struct {
		PortRange
		by string
	}
	before := map[Protocol][]held{}
	for _, l := range p.Listeners {
		at := fmt.Sprintf("listeners[%s %s].ports", l.Name, l.Protocol)
		for _, r := range l.Ports {
			for _, o := range before[l.Protocol] {
				if r.From <= o.To && o.From <= r.To {
					f.Addf(at, "ports of %s too, got %d-%d and %d-%d; give each listener its own", o.by, r.From, r.To, o.From, o.To)
				}
			}
			before[l.Protocol] = append(before[l.Protocol], held{r, at})
		}
	}
}

// validateOverrides follows AWS's rules: the listener's port is one of its own, the endpoint's port is in no listener, and
// leads to one place.
func (p AcceleratorProps) validateOverrides(f *cdkx.Fields) {
	for _, l := range p.Listeners {
		for _, g := range l.Groups {
			at := fmt.Sprintf("listeners[%s %s].groups[%s].portOverrides", l.Name, l.Protocol, g.Region)
			if len(g.PortOverrides) > maxEach {
				f.Addf(at, "too many, got %d; Global Accelerator takes %d", len(g.PortOverrides), maxEach)
			}
			taken := map[int]bool{}
			for _, o := range g.PortOverrides {
				switch {
				case !holds(l.Ports, o.ListenerPort):
					f.Addf(at, "not a port of the listener, got %d; use one of its ports", o.ListenerPort)
				case o.EndpointPort < 1 || o.EndpointPort > 65535:
					f.Addf(at, "out of range, got %d; use 1 to 65535", o.EndpointPort)
				case taken[o.ListenerPort]:
					f.Addf(at, "a port is overridden twice, got %d; leave one out", o.ListenerPort)
				}
				taken[o.ListenerPort] = true
				for _, other := range p.Listeners {
					if holds(other.Ports, o.EndpointPort) {
						f.Addf(at, "a port of listener %s, got %d; Global Accelerator refuses that: choose a port that no listener has", other.Name, o.EndpointPort)
					}
				}
			}
		}
	}
}

func holds(ranges []PortRange, port int) bool {
	for _, r := range ranges {
		if r.From <= port && port <= r.To {
			return true
		}
	}
	return false
}
