package naming

// Construct ids of a zonal service. What stays stands in the network's stack, inside the network: ZonalService with the load
// balancer (Resource), its target group (PortTargets) and listener (PortListener), or with a namespace ZonalBalancer by zone that has
// these three; Parameter, and what Cloud Map knows. Its zone stands in the routes stack of the place as HostedZone of the domain, its
// instances and alarms in the ops stack, in a ZonalService of their own.

// ZonalService is the id of a zonal service: of what stays in its network's stack, inside the network, and of its instances and alarms in
// the ops stack of its place.
func ZonalService(name string) string { return "ZonalService-" + name }

// ZonalBalancer is the id of the slot "load balancer of this zone" of a service that has one in each.
func ZonalBalancer(zoneID string) string { return "Balancer-" + zoneID }

// Construct ids of what Cloud Map knows of a zonal service, inside it.
const (
	DiscoveryNamespace = "Namespace"
	DiscoveryService   = "Discovery"
)

// DiscoveryInstance is the id of the slot "this zone", or "this host" of a service without load balancer, in Cloud Map. Cloud Map's
// own id of the instance is the same key.
func DiscoveryInstance(key string) string { return "Instance-" + key }

// ZonalGroup is the id of the slot "instances of this zone".
func ZonalGroup(zoneID string) string { return Group + "-" + zoneID }

// ZonalRecord is the id of a zone's record inside its hosted zone's namespace, and RegionalRecord of the record of all zones. Where each
// zone has a load balancer, the Regional name has a record for each.
func ZonalRecord(zoneID string) string { return Record(zoneID) }

// RegionalRecord is the id of the record of all zones: with a zone, of its share.
func RegionalRecord(zoneID string) string {
	if zoneID == "" {
		return "Regional"
	}
	return "Regional-" + zoneID
}

// ZoneUnhealthyAlarm is the id of the alarm of a zone's targets, in a ZonalService of an ops stack.
func ZoneUnhealthyAlarm(zoneID string) string { return UnhealthyAlarm + "-" + zoneID }

// Autoshift and OutcomeAlarm are the ids of a service's zonal autoshift, and of the alarm that ends a practice run.
const (
	Autoshift    = "Autoshift"
	OutcomeAlarm = "Outcome"
)

// ZonalLatency is the id of what compares the zones of a service, in the ops stack of the gate's place.
func ZonalLatency(name string) string { return "ZonalLatency-" + name }

// SlowZoneAlarm and FailingZoneAlarm are the ids of alarms of a zone that stands out from the others, in ZonalLatency.
func SlowZoneAlarm(zoneID string) string { return "Slow-" + zoneID }

// FailingZoneAlarm is like SlowZoneAlarm, of lost probes.
func FailingZoneAlarm(zoneID string) string { return "Failing-" + zoneID }

// ZonalInstances is the key of the security group of a zonal service's instances: that of the service is of its load balancer.
func ZonalInstances(name string) string { return "zonalService/" + name + "/instances" }

// ZonalTargetsParameter is the name of the SSM parameter that says the ARN of the target group that others fill; with a zone, of its
// load balancer's.
func ZonalTargetsParameter(network, service, zoneID string) string {
	name := "/pathproof/" + network + "/zonal/" + service + "/targets"
	if zoneID != "" {
		name += "/" + zoneID
	}
	return name
}

// Construct ids of what takes instances that are gone out of Cloud Map, in a ZonalService of an ops stack: a state machine, its role, and
// the role that starts it.
const (
	Departures          = "Departures"
	DeparturesRole      = "DeparturesRole"
	DeparturesStartRole = "DeparturesStart"
)

// DepartureRule is the id of the rule that tells of instances that are gone from a zone.
func DepartureRule(zoneID string) string { return Departures + "-" + zoneID }
