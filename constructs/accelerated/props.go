package accelerated

import "github.com/aws/aws-cdk-go/awscdk/v2/awss3"

// Protocol is what a listener takes.
type Protocol string

// The protocols of listeners.
const (
	TCP Protocol = "TCP"
	UDP Protocol = "UDP"
)

// Kind is what an endpoint is.
type Kind string

// The kinds of endpoints.
const (
	Address      Kind = "address"      // an Elastic IP, by its allocation id
	LoadBalancer Kind = "loadBalancer" // application or network, by its ARN
	Instance     Kind = "instance"     // by its id
)

// HealthProtocol is how endpoints are checked.
type HealthProtocol string

// The protocols of health checks. Endpoints of UDP listeners are checked by one of them, too.
const (
	HealthTCP   HealthProtocol = "TCP"
	HealthHTTP  HealthProtocol = "HTTP"
	HealthHTTPS HealthProtocol = "HTTPS"
)

// Defaults, stated in every template: the template schema and the API differ about AWS's own.
const (
	DefaultWeight    = 128
	DefaultDial      = 100
	defaultInterval  = 30
	defaultThreshold = 3
	defaultExpire    = 90
)

// AcceleratorProps configures an Accelerator.
type AcceleratorProps struct {
	// Name is its name in Global Accelerator: letters, digits and inner hyphens, at most 64. Required.
	Name string
	// Listeners are the ways through it. Required: 1 to 10.
	Listeners []ListenerProps
	// ParameterName is the SSM parameter, defined here, that says under which DNS name it is.
	// Default: none.
	ParameterName string
	// FlowLogs sends flow logs to S3.
	// Default: none; they are billed by volume.
	FlowLogs *FlowLogsProps
}

// FlowLogsProps configures flow logs.
type FlowLogsProps struct {
	// ExpireDays is how many days the bucket keeps them. Not used with Bucket.
	// Default: 90.
	ExpireDays int
	// Bucket receives them. Its policy must let delivery.logs.amazonaws.com write.
	// Default: an encrypted bucket of the accelerator's own, which stays when the accelerator goes.
	Bucket awss3.IBucket
	// Prefix begins their keys, without a slash at either end.
	// Default: flow-logs.
	Prefix string
}

// ListenerProps is one listener.
type ListenerProps struct {
	// Name tells listeners of one protocol apart. Required.
	Name string
	// Protocol is TCP or UDP. Required.
	Protocol Protocol
	// Ports are 1 to 10 ranges, which no other listener of this protocol has. Required.
	Ports []PortRange
	// SourceIPAffinity sends all connections of a client to one endpoint.
	// Default: false.
	SourceIPAffinity bool
	// Interchangeable says that endpoints in several Regions do the same.
	// Default: false; one group only.
	Interchangeable bool
	// Groups are where it leads, at most one in a Region. Required.
	Groups []EndpointGroupProps
}

// PortRange is a range of ports, both ends in it.
type PortRange struct{ From, To int }

// EndpointGroupProps is where a listener leads in one Region.
type EndpointGroupProps struct {
	// Region is the AWS Region, for example ap-northeast-2. A change replaces the group. Required.
	Region string
	// Dial is how much of its traffic the Region takes, in percent.
	// Default: 100.
	Dial *int
	// Health is how endpoints are checked that have no health check of their own; load balancers have one.
	// Default: TCP to HealthPort.
	Health HealthProtocol
	// HealthPort is the port of that check.
	// Default: where the listener's first port leads, by PortOverrides or by itself.
	HealthPort int
	// HealthPath is the path for HTTP and HTTPS.
	// Default: /.
	HealthPath string
	// IntervalSeconds is the time between checks: 10 or 30.
	// Default: 30.
	IntervalSeconds int
	// Threshold is how many checks in a row change the verdict, 1 to 10.
	// Default: 3.
	Threshold int
	// PortOverrides lead ports of the listener to other ports of the endpoints.
	// Default: none.
	PortOverrides []PortOverride
	// Endpoints are 1 to 10. Required.
	Endpoints []EndpointProps
}

// PortOverride leads a port of a listener to another one of its endpoints.
type PortOverride struct{ ListenerPort, EndpointPort int }

// EndpointProps is one endpoint.
type EndpointProps struct {
	// EndpointId is an allocation id, an ARN or an instance id, as Kind says. It may change in place. Required.
	EndpointId *string
	// Kind is what it is. Required.
	Kind Kind
	// Weight is its share beside the other endpoints of the group, 0 to 255.
	// Default: 128.
	Weight *int
	// PreserveClientIP lets the endpoint see clients' own addresses. Never for an Elastic IP, always for an instance.
	// Default: false.
	PreserveClientIP bool
}

func (p AcceleratorProps) withDefaults() AcceleratorProps {
	if p.FlowLogs != nil {
		f := *p.FlowLogs
		if f.ExpireDays == 0 {
			f.ExpireDays = defaultExpire
		}
		if f.Prefix == "" {
			f.Prefix = "flow-logs"
		}
		p.FlowLogs = &f
	}
	return p
}

func (p EndpointGroupProps) withDefaults() EndpointGroupProps {
	if p.Health == "" {
		p.Health = HealthTCP
	}
	if p.HealthPath == "" && p.Health != HealthTCP {
		p.HealthPath = "/"
	}
	if p.IntervalSeconds == 0 {
		p.IntervalSeconds = defaultInterval
	}
	if p.Threshold == 0 {
		p.Threshold = defaultThreshold
	}
	return p
}

// or is the value of an optional number.
func or(v *int, d int) int {
	if v == nil {
		return d
	}
	return *v
}

func (g EndpointGroupProps) healthPort(l ListenerProps) int {
	if g.HealthPort != 0 {
		return g.HealthPort
	}
	first := l.Ports[0].From
	for _, o := range g.PortOverrides {
		if o.ListenerPort == first {
			return o.EndpointPort
		}
	}
	return first
}
