package stacks

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/accelerated"
	"github.com/pathproof/pathproof/constructs/clientvpn"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/edgeproxy"
	"github.com/pathproof/pathproof/constructs/openvpn"
	"github.com/pathproof/pathproof/internal/bootstrap"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// machines defines the instances of a place, the authorities at home there, and what says that an accelerator has an endpoint that
// does not work. topic is the place's own, if alarms go there.
func (b *builder) machines(st *stack, topic *string) {
	at := st.plan.Place
	for _, p := range b.plan.PKIs {
		if p.Home == at {
			ns, authority := cdkx.Namespace(st.Stack, naming.PKI(p.Name)), b.authority(st, p, true)
			b.pkiParameter(st, ns, p, authority)
			b.ways.authorities[p.Name] = customresource.NewPki(ns, naming.Certificate, &customresource.PkiProps{Provider: b.resources(st), Authority: authority,
				TLSCryptSecretArn: b.value(st, b.placeStackOf(p.Home), "", "", b.ways.stores[p.Name].TLSCryptSecretArn())})
		}
	}
	for _, s := range b.plan.OpenVPNs {
		if s.Place == at {
			b.server(st, s, topic)
		}
	}
	for _, e := range b.plan.EdgeProxies {
		if e.Place == at {
			b.proxies(st, e, topic)
		}
	}
	for _, v := range b.plan.ClientVPNs {
		if c, ok := b.ways.issued[v.Name]; ok && v.Place == at {
			clientvpn.NewAlarms(st.Stack, naming.ClientVPN(v.Name), &clientvpn.AlarmsProps{Name: v.Name, CertificateArn: b.value(st, c.stack, "", "", c.arn),
				ValidityDays: b.plan.PKI(v.PKI).ServerDays, TopicArn: topic})
		}
	}
	for _, a := range b.plan.Accelerators {
		if a.Place == at {
			accelerated.NewAlarms(st.Stack, naming.Accelerator(a.Name), &accelerated.AlarmsProps{Name: a.Name, TopicArn: topic,
				AcceleratorArn: b.value(st, b.stacks[b.plan.AcceleratorStackName(a.Name)], "", "", b.accelerators[a.Name].AcceleratorArn())})
		}
	}
}

// pkiParameter says where a PKI is kept, for the command line (docs/OPENVPN.md).
func (b *builder) pkiParameter(st *stack, ns constructs.Construct, p *topology.PKI, a customresource.Authority) {
	replicas := map[string]*string{}
	for _, r := range a.Replicas {
		replicas[r.Region] = r.BucketName
	}
	value := map[string]any{"bucket": a.BucketName, "replicas": replicas}
	awsssm.NewCfnParameter(ns, jsii.String(naming.Parameter), &awsssm.CfnParameterProps{Name: jsii.String(naming.PKIParameter(b.plan.Name, p.Name)), Type: jsii.String("String"),
		Value: st.ToJsonString(value, nil), Description: jsii.String("Where the PKI " + p.Name + " is kept")})
}

// server defines an OpenVPN server's certificate and instance.
func (b *builder) server(st *stack, s *topology.OpenVPN, topic *string) {
	n, p, a := b.plan.Network(s.Network), b.plan.PKI(s.PKI), b.ways.addresses[s.Name]
	from := func(v *string) *string { return b.value(st, b.networkStackOf(n), "", "", v) }
	objects := b.value(st, b.placeStackOf(s.Place), "", "", b.ways.objects[p.Name][s.Place])
	program := b.program(st)
	boot := b.plan.OpenVPNBoot(s)
	boot.Namespace, boot.AllocationID, boot.PKI.Bucket, boot.PKI.Secret = openvpn.Namespace, *from(a.AllocationId()), *objects, *from(a.SecretArn())
	boot.Responder.Bucket, boot.Responder.Key, boot.Responder.SHA256 = *program.asset.S3BucketName(), *program.asset.S3ObjectKey(), program.sum
	props := &openvpn.ServerProps{Name: s.Name, AllocationId: from(a.AllocationId()), SecretArn: from(a.SecretArn()), SubnetId: from(subnetID(n, b.networks[n.Key], s.Subnet)),
		SecurityGroupIds: []*string{from(b.networks[n.Key].SecurityGroupId(s.Ref().String()))}, InstanceType: s.InstanceType,
		TLSCryptSecretName: p.TLSCryptSecret, TLSCryptRegion: p.Home.Region, BucketName: objects, PKI: p.Name, LogGroupName: boot.LogGroup, LogDays: s.LogDays,
		ValidityDays: p.ServerDays, TopicArn: topic, Signals: true,
		Program: &openvpn.Object{BucketName: program.asset.S3BucketName(), Key: program.asset.S3ObjectKey()}}
	if s.Routed() {
		props.NetworkInterfaceId = from(a.NetworkInterfaceId())
		boot.Interface.ID = *props.NetworkInterfaceId
	}
	text, err := boot.UserData()
	if err != nil {
		panic(fmt.Errorf("%s: %w", s.Ref(), err))
	}
	props.UserData = text
	props.ImageId, props.ImageName, props.Provider = imageID(s.Image), s.Image.Name, b.resources(st)
	server := openvpn.NewServer(st.Stack, naming.OpenVPN(s.Name), props)
	certificate := customresource.NewServerCertificate(server, naming.Certificate, &customresource.ServerCertificateProps{Provider: b.resources(st),
		Authority: b.authority(st, p, false), Server: s.Name, ValidityDays: p.ServerDays, SecretArn: from(a.SecretArn())})
	server.Group().Node().AddDependency(certificate.Resource())
	if p.Home == s.Place { // elsewhere the list comes from another stack
		server.Group().Node().AddDependency(b.ways.authorities[p.Name].Resource())
	}
}

// imageID is the id of a pinned image, nil for one that is told by its name.
func imageID(image topology.Image) *string {
	if image.ID == "" {
		return nil
	}
	return &image.ID
}

// proxies defines the instances of an edge proxy.
func (b *builder) proxies(st *stack, e *topology.EdgeProxy, topic *string) {
	n := b.plan.Network(e.Network)
	from := func(v *string) *string { return b.value(st, b.networkStackOf(n), "", "", v) }
	boot := bootstrap.EdgeProxy{OS: bootstrap.AmazonLinux2023, Name: e.Name, Region: e.Place.Region, Namespace: edgeproxy.Namespace, Resolver: e.Resolver,
		LogGroup: naming.LogGroup(b.plan.Name, "edge-proxy", e.Name), HealthPath: edgeproxy.HealthPath,
		Signal: bootstrap.Signal{Stack: st.plan.Name, Resource: naming.LogicalID(naming.EdgeProxy(e.Name), naming.Group)},
		Origin: bootstrap.Origin{Name: *b.originName(st, e), Port: e.Origin.Port, TLS: e.Origin.Protocol == "https", CertificateName: e.Origin.CertificateName},
		Front:  bootstrap.Front{HTTP: e.Nginx.HTTP, HTTPS: e.Nginx.HTTPS, TLSSecret: e.Secret, TLSInFront: e.Certificate != "" && e.Entry == config.EntryNLB}}
	if e.Entry == config.EntryALB {
		boot.Front.ClientAddress = bootstrap.FromForwardedFor
		for _, id := range e.Subnets {
			boot.Front.Trusted = append(boot.Front.Trusted, b.subnet(n, id).CIDR)
		}
	}
	var targets []*string
	for _, arn := range b.ways.fronts[e.Name].TargetGroupArns() {
		target := from(arn)
		targets, boot.TargetGroups = append(targets, target), append(boot.TargetGroups, *target)
	}
	text, err := boot.UserData()
	if err != nil {
		panic(fmt.Errorf("%s: %w", e.Ref(), err))
	}
	props := &edgeproxy.ProxiesProps{Name: e.Name, SecurityGroupIds: []*string{from(b.networks[n.Key].SecurityGroupId(e.Instances()))}, Count: e.PerZone * len(e.Zones), MaxCount: e.MaxPerZone * len(e.Zones), Signals: true,
		TargetGroupArns: targets, InstanceType: e.InstanceType, UserData: text, TLSSecretArn: e.Secret, LogGroupName: boot.LogGroup, LogDays: e.LogDays, TopicArn: topic}
	for _, id := range b.subnetIDs(b.networks[n.Key], n, e.Subnets) {
		props.SubnetIds = append(props.SubnetIds, from(id))
	}
	props.ImageId, props.ImageName, props.Provider = imageID(e.Image), e.Image.Name, b.resources(st)
	edgeproxy.NewProxies(st.Stack, naming.EdgeProxy(e.Name), props)
}

// originName is the DNS name of an edge proxy's origin, which may be in another Region.
func (b *builder) originName(st *stack, e *topology.EdgeProxy) *string {
	l := b.plan.LoadBalancer(e.Origin.LoadBalancer)
	if l.Adopted() {
		return jsii.String(l.DNSName)
	}
	return b.value(st, b.networkStackOf(b.plan.Network(l.Network)), "LoadBalancer"+l.Name, l.Revision(), b.ways.balancers[l.Name].DnsName())
}

func (b *builder) subnet(n *topology.Network, id string) *topology.Subnet {
	for _, s := range n.Subnets {
		if naming.Subnet(s.Tier, s.ZoneID) == id {
			return s
		}
	}
	panic(fmt.Errorf("network %s: no subnet %s", n.Key, id)) // a mistake of the planner
}

// program is the pathproof command for arm64, which answers probes at servers.
type program struct {
	asset awss3assets.Asset
	sum   string // SHA-256 in hexadecimal
}

// program returns the stack's asset of it, and defines that on first use.
func (b *builder) program(st *stack) program {
	if st.program.asset != nil {
		return st.program
	}
	content, err := os.ReadFile(b.opts.Program)
	if err != nil {
		panic(fmt.Errorf("program: %w", err))
	}
	sum := sha256.Sum256(content)
	st.program = program{awss3assets.NewAsset(st.Stack, jsii.String(naming.Program), &awss3assets.AssetProps{Path: jsii.String(b.opts.Program)}), hex.EncodeToString(sum[:])}
	return st.program
}

// acceleratorStack defines an accelerator.
func (b *builder) acceleratorStack(st *stack, a *topology.Accelerator) {
	props := &accelerated.AcceleratorProps{Name: b.plan.Name + "-" + a.Name, ParameterName: naming.AcceleratorParameter(b.plan.Name, a.Name)}
	if a.FlowLogDays > 0 {
		props.FlowLogs = &accelerated.FlowLogsProps{ExpireDays: a.FlowLogDays}
	}
	for _, l := range a.Listeners {
		listener := accelerated.ListenerProps{Name: l.Name, Protocol: accelerated.TCP, SourceIPAffinity: l.Affinity == config.AffinitySourceIP, Interchangeable: len(l.Groups) > 1}
		if l.Protocol == "udp" {
			listener.Protocol = accelerated.UDP
		}
		for _, r := range l.Ports {
			listener.Ports = append(listener.Ports, accelerated.PortRange{From: int(r.First), To: int(r.Last)})
		}
		for _, g := range l.Groups {
			listener.Groups = append(listener.Groups, b.endpoints(st, g))
		}
		props.Listeners = append(props.Listeners, listener)
	}
	defined := accelerated.NewAccelerator(st.Stack, naming.Accelerator(a.Name), props)
	b.accelerators[a.Name] = defined
	st.export(defined.AcceleratorArn())
}

func (b *builder) endpoints(st *stack, g *topology.EndpointGroup) accelerated.EndpointGroupProps {
	out := accelerated.EndpointGroupProps{Region: g.Region, Dial: &g.Dial, Health: accelerated.HealthProtocol(strings.ToUpper(string(g.Health.Protocol))), HealthPort: g.Health.Port, HealthPath: g.Health.Path,
		IntervalSeconds: g.Health.Seconds, Threshold: g.Health.Threshold}
	for _, o := range g.PortOverrides {
		out.PortOverrides = append(out.PortOverrides, accelerated.PortOverride{ListenerPort: int(o.Listener), EndpointPort: int(o.Endpoint)})
	}
	for _, e := range g.Endpoints {
		out.Endpoints = append(out.Endpoints, accelerated.EndpointProps{EndpointId: b.endpointID(st, e), Kind: accelerated.Kind(e.Kind), Weight: &e.Weight, PreserveClientIP: e.PreserveClientIP})
	}
	return out
}

// endpointID is the id of an endpoint, which may be in another Region: allocation ids and ARNs survive whatever stands behind them.
func (b *builder) endpointID(st *stack, e topology.AcceleratorEndpoint) *string {
	if e.ID != "" {
		return jsii.String(e.ID)
	}
	switch name := e.To.Name; e.To.Kind {
	case config.KindOpenVPN:
		n := b.plan.Network(b.plan.OpenVPN(name).Network)
		return b.value(st, b.networkStackOf(n), "OpenVpn"+name, "", b.ways.addresses[name].AllocationId())
	case config.KindEdgeProxy:
		p := b.plan.EdgeProxy(name)
		return b.value(st, b.networkStackOf(b.plan.Network(p.Network)), "EdgeProxy"+name, p.Revision(), b.ways.fronts[name].LoadBalancer().LoadBalancerArn())
	default:
		l := b.plan.LoadBalancer(name)
		return b.value(st, b.networkStackOf(b.plan.Network(l.Network)), "LoadBalancer"+name+"Arn", l.Revision(), b.ways.balancers[name].LoadBalancerArn())
	}
}
