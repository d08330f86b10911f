package planview

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/topology"
)

// fronts says what stands in front of targets.
var fronts = map[config.ZonalMode]string{
	config.ZonalPerAZ:         "one load balancer with a fixed address in each zone",
	config.ZonalNLBPerAZ:      "a load balancer with a fixed address in each zone",
	config.ZonalClientRouting: "one load balancer, whose name leads callers into their own zone",
	config.ZonalDirect:        "no load balancer",
}

func (v *view) zonalService(z *topology.ZonalService) {
	v.linef("\nZonal service %s  in %s  %s %d  %s", z.Name, z.Network, strings.ToUpper(z.Listener.Protocol), z.Listener.Port, fronts[z.Mode])
	var rows []string
	for _, x := range z.Zones {
		address := ""
		if x.Address.IsValid() {
			address = x.Address.String()
		}
		rows = append(rows, fmt.Sprintf("%s\t%s\t%s\t-> %s on TCP %d", x.ZoneID, address, x.Name, targetsOf(z, x), z.TargetPort))
	}
	v.table("  ", rows)
	var found []string
	if z.DNS {
		found = append(found, z.Domain)
	}
	if c := z.CloudMap; c != nil {
		what := count(len(c.Instances), "instance")
		if z.Registers() {
			what = "where instances register themselves"
		}
		found = append(found, fmt.Sprintf("service %s of the Cloud Map namespace %s, %s", c.Service, c.Namespace, what))
	}
	v.linef("  all zones as %s  called from %s", strings.Join(found, ", and as "), list(z.Callers))
	if z.Balanced() {
		v.linef("  zonal shift %s  zonal autoshift %s  targets see %s", on(z.ZonalShift), on(z.ZonalAutoshift),
			map[bool]string{true: "callers' own addresses", false: "the load balancer's addresses"}[z.PreserveClientIP])
	}
}

func on(is bool) string { return map[bool]string{true: "on", false: "off"}[is] }

// targetsOf says what a zone leads to.
func targetsOf(z *topology.ZonalService, x *topology.ServiceZone) string {
	switch {
	case z.Group != nil:
		return fmt.Sprintf("%s of %s, %s", count(z.Group.PerZone, "instance"), z.Group.InstanceType, cmp.Or(z.Group.Image.ID, z.Group.Image.Name))
	case z.Registered:
		return "what registers itself by " + string(z.TargetType)
	}
	return strings.Join(x.Targets, ", ")
}
