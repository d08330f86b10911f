package edgeproxy

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// HealthPath is where a proxy says that it works unless it is told otherwise.
const HealthPath = "/.pathproof/health"

var (
	zoneForm   = regexp.MustCompile(`^Z[A-Z0-9]{4,31}$`)
	domainForm = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
)

// FrontProps configures a Front.
type FrontProps struct {
	// Name is the Name tag. Required.
	Name string
	// Kind is the load balancer: network keeps connections as they are, application ends HTTP and redirects to HTTPS.
	// Default: network.
	Kind balancer.Kind
	// VpcId is the proxies' VPC. Required.
	VpcId *string
	// SubnetIds lead to an Internet gateway; at most one in a zone. Required.
	SubnetIds []*string
	// SecurityGroupIds are 1 to 5 of the caller's. Required.
	SecurityGroupIds []*string
	// HTTP and HTTPS are the ports that people call.
	// Default: none; one of them is required.
	HTTP, HTTPS int
	// CertificateArn is the ACM certificate with which TLS ends here; the proxies then get plain HTTP on the port of HTTPS, and behind
	// a network load balancer HTTP/2 by prior knowledge, too.
	// Default: none; TLS ends at the proxies, which only a network load balancer can lead to.
	CertificateArn string
	// HealthPath is where a proxy says that it works; the user data has to say the same.
	// Default: /.pathproof/health.
	HealthPath string
	// Record is the name by which people find the nearest front.
	// Default: none.
	Record *RecordProps
}

// RecordProps is a latency-based record.
type RecordProps struct {
	// HostedZoneId is the id of an existing public hosted zone. Required.
	HostedZoneId string
	// Name is the record, for example api.example.com. A change replaces it. Required.
	Name string
	// Region is the front's Region, which tells the records of one name apart. Required.
	Region string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p FrontProps) Validate() error {
	var f cdkx.Fields
	if p.HTTP == 0 && p.HTTPS == 0 {
		f.Addf("http", "neither http nor https; give a port")
	}
	if p.Kind == balancer.Application && p.HTTPS != 0 && p.CertificateArn == "" {
		f.Addf("certificateArn", "missing; an application load balancer ends TLS itself: give one, or use a network load balancer")
	}
	if p.Kind != balancer.Application && p.CertificateArn != "" && p.HTTP != 0 {
		f.Addf("http", "a network load balancer that ends TLS redirects nothing, got %d beside a certificate; leave it out, or use an application load balancer", p.HTTP)
	}
	if p.CertificateArn != "" && p.HTTPS == 0 {
		f.Addf("certificateArn", "nothing uses it; set https, or leave it out")
	}
	if r := p.Record; r != nil {
		if !zoneForm.MatchString(r.HostedZoneId) {
			f.Addf("record.hostedZoneId", "not the id of a hosted zone, got %q; write it like Z0123456789ABCDEFGHIJ", r.HostedZoneId)
		}
		if !domainForm.MatchString(r.Name) {
			f.Addf("record.name", "not a DNS name, got %q; write it like api.example.com", r.Name)
		}
		if !awsdata.IsRegionCode(r.Region) {
			f.Addf("record.region", "not a Region, got %q; give that of the front", r.Region)
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	return p.withDefaults().balancer().Validate()
}

func (p FrontProps) withDefaults() FrontProps {
	if p.Kind == "" {
		p.Kind = balancer.Network
	}
	if p.HealthPath == "" {
		p.HealthPath = HealthPath
	}
	return p
}

// ports are those of the proxies themselves, and whether they speak TLS.
func (p FrontProps) ports() (ports []int, encrypted map[int]bool) {
	switch {
	case p.CertificateArn != "":
		return []int{p.HTTPS}, nil
	default:
		for _, n := range []int{p.HTTP, p.HTTPS} {
			if n != 0 {
				ports = append(ports, n)
			}
		}
		return ports, map[int]bool{p.HTTPS: true}
	}
}

// balancer are the props of the load balancer.
func (p FrontProps) balancer() *balancer.LoadBalancerProps {
	b := &balancer.LoadBalancerProps{Name: p.Name, Kind: p.Kind, Public: true, VpcId: p.VpcId, SubnetIds: p.SubnetIds, SecurityGroupIds: p.SecurityGroupIds,
		CrossZone: true, CertificateArn: p.CertificateArn}
	ports, encrypted := p.ports()
	for _, n := range ports {
		b.Targets = append(b.Targets, balancer.TargetGroupProps{Port: n, HealthPath: p.HealthPath, HealthTLS: encrypted[n]})
	}
	plain, secure := balancer.TCP, balancer.TCP
	if p.Kind == balancer.Application {
		plain, secure = balancer.HTTP, balancer.HTTPS
	} else if p.CertificateArn != "" {
		secure = balancer.TLS
	}
	if p.HTTP != 0 {
		l := balancer.ListenerProps{Port: p.HTTP, Protocol: plain, TargetPort: p.HTTP}
		if p.CertificateArn != "" {
			l.TargetPort, l.RedirectPort = 0, p.HTTPS
		}
		b.Listeners = append(b.Listeners, l)
	}
	if p.HTTPS != 0 {
		b.Listeners = append(b.Listeners, balancer.ListenerProps{Port: p.HTTPS, Protocol: secure, TargetPort: p.HTTPS, HTTP2: secure == balancer.TLS})
	}
	return b
}

// Front is what stands in front of proxies: a load balancer with a target group for each of their ports, and perhaps a record.
type Front struct {
	balancer *balancer.LoadBalancer
	ports    []int
}

// LoadBalancer returns the load balancer.
func (f *Front) LoadBalancer() *balancer.LoadBalancer { return f.balancer }

// NewFront defines a front in scope. It panics if props are invalid; call Validate first.
func NewFront(scope constructs.Construct, id string, props *FrontProps) *Front {
	if props == nil {
		props = &FrontProps{}
	}
	cdkx.MustBeValid(scope, id, props.Validate())
	p := props.withDefaults()
	f := &Front{balancer: balancer.NewLoadBalancer(scope, id, p.balancer())}
	f.ports, _ = p.ports()
	if r := p.Record; r != nil {
		awsroute53.NewCfnRecordSet(f.balancer, jsii.String(naming.Record(r.Name)), &awsroute53.CfnRecordSetProps{HostedZoneId: &r.HostedZoneId, Name: &r.Name,
			Type: jsii.String("A"), Region: &r.Region, SetIdentifier: &r.Region, AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
				DnsName: f.balancer.DnsName(), HostedZoneId: f.balancer.CanonicalHostedZoneId(), EvaluateTargetHealth: jsii.Bool(true)}})
	}
	return f
}

// TargetGroupArns returns the ARNs of the target groups, which the proxies join.
func (f *Front) TargetGroupArns() []*string {
	var out []*string
	for _, port := range f.ports {
		out = append(out, f.balancer.TargetGroupArn(port))
	}
	return out
}
