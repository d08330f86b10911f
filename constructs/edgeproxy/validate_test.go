package edgeproxy

import (
	"testing"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/internal/propstest"
)

const certificate = "arn:aws:acm:us-west-2:111122223333:certificate/1"

func TestFrontProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*FrontProps)
		want string
	}{
		{"good", func(*FrontProps) {}, ""},
		{"TLS at nginx", func(p *FrontProps) { p.HTTPS = 443 }, ""},
		{"TLS at the NLB", func(p *FrontProps) { p.HTTP, p.HTTPS, p.CertificateArn = 0, 443, certificate }, ""},
		{"TLS at the ALB", func(p *FrontProps) { p.Kind, p.HTTPS, p.CertificateArn = balancer.Application, 443, certificate }, ""},
		{"record", func(p *FrontProps) { p.Record = &RecordProps{"Z0123456789ABC", "api.example.com", "us-west-2"} }, ""},
		{"no port", func(p *FrontProps) { p.HTTP = 0 }, "http: neither http nor https"},
		{"ALB without certificate", func(p *FrontProps) { p.Kind, p.HTTPS = balancer.Application, 443 }, "certificateArn: missing; an application load balancer ends TLS itself"},
		{"NLB that would redirect", func(p *FrontProps) { p.HTTPS, p.CertificateArn = 443, certificate }, "http: a network load balancer that ends TLS redirects nothing, got 80"},
		{"certificate for nothing", func(p *FrontProps) { p.Kind, p.CertificateArn = balancer.Application, certificate }, "certificateArn: nothing uses it"},
		{"zone", func(p *FrontProps) { p.Record = &RecordProps{"example.com", "api.example.com", "us-west-2"} }, `record.hostedZoneId: not the id of a hosted zone, got "example.com"`},
		{"record's name", func(p *FrontProps) { p.Record = &RecordProps{"Z0123456789ABC", "api", "us-west-2"} }, `record.name: not a DNS name, got "api"`},
		{"record's Region", func(p *FrontProps) { p.Record = &RecordProps{"Z0123456789ABC", "api.example.com", "oregon"} }, `record.region: not a Region, got "oregon"`},
		{"what the load balancer refuses", func(p *FrontProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := FrontProps{Name: "api", VpcId: new("vpc-1"), SubnetIds: []*string{new("subnet-1"), new("subnet-2")}, SecurityGroupIds: []*string{new("sg-1")}, HTTP: 80}
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

func TestProxiesProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*ProxiesProps)
		want string
	}{
		{"good", func(*ProxiesProps) {}, ""},
		{"name", func(p *ProxiesProps) { p.Name = "API" }, `name: not a name, got "API"`},
		{"image", func(p *ProxiesProps) { p.ImageId = new("al2023") }, "imageId: want the id of an image"},
		{"nowhere", func(p *ProxiesProps) { p.SubnetIds = nil }, "subnetIds: missing"},
		{"nothing in front", func(p *ProxiesProps) { p.TargetGroupArns = nil }, "targetGroupArns: missing"},
		{"none", func(p *ProxiesProps) { p.Count = 0 }, "count: out of range, got 0"},
		{"as many at most", func(p *ProxiesProps) { p.MaxCount = 2 }, ""},
		{"fewer at most", func(p *ProxiesProps) { p.MaxCount = 1 }, "maxCount: out of range, got 1; use 2 to 100"},
		{"waiting in vain", func(p *ProxiesProps) { p.Signals = true }, "signals: the user data tells nobody that the machine serves"},
		{"waiting", func(p *ProxiesProps) { p.Signals, p.UserData = true, "#cloud-config\n# SIGNAL_RESOURCE='x'\n" }, ""},
		{"no log", func(p *ProxiesProps) { p.LogGroupName = "a b" }, `logGroupName: not a name of a log group, got "a b"`},
		{"retention", func(p *ProxiesProps) { p.LogDays = 2 }, "logDays: not a retention"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := ProxiesProps{Name: "api", SubnetIds: []*string{new("subnet-1")}, SecurityGroupIds: []*string{new("sg-1")}, TargetGroupArns: []*string{new("arn")}, Count: 2,
				ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\n", LogGroupName: "/pathproof/shop/edge-proxy/api"}
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}
