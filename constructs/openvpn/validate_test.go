package openvpn

import (
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/propstest"
)

func good() ServerProps {
	return ServerProps{Name: "seoul", AllocationId: new("${Token[A.1]}"), SubnetId: new("subnet-1"), SecurityGroupIds: []*string{new("sg-1")},
		ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\nruncmd: []\n", SecretArn: new("arn:aws:secretsmanager:::secret:own"),
		TLSCryptSecretName: "pathproof/shop/pki/main/tls-crypt", TLSCryptRegion: "ap-northeast-2", BucketName: new("pki"), PKI: "main", LogGroupName: "/pathproof/shop/openvpn/seoul"}
}

func TestServerProps_Validate(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*ServerProps)
		want string
	}{
		{"good", func(*ServerProps) {}, ""},
		{"all of the optional", func(p *ServerProps) {
			p.NetworkInterfaceId, p.InstanceType, p.Namespace, p.LogDays = new("eni-1"), "c7gn.large", "Shop", 3653
		}, ""},
		{"image of a custom resource", func(p *ServerProps) { p.ImageId = new("${Token[TOKEN.7]}") }, ""},
		{"no name", func(p *ServerProps) { p.Name = "" }, `name: not a name, got ""`},
		{"name in capitals", func(p *ServerProps) { p.Name = "Seoul" }, `name: not a name, got "Seoul"`},
		{"no address", func(p *ServerProps) { p.AllocationId = nil }, "allocationId: missing"},
		{"no subnet", func(p *ServerProps) { p.SubnetId = new("") }, "subnetId: missing"},
		{"no security group", func(p *ServerProps) { p.SecurityGroupIds = nil }, "securityGroupIds: want 1 to 5, got 0"},
		{"no image", func(p *ServerProps) { p.ImageId = nil }, "imageId: missing"},
		{"the latest image", func(p *ServerProps) { p.ImageId = new("resolve:ssm:/aws/service/ami-amazon-linux-latest/x") }, "imageId: want the id of an image"},
		{"for Intel", func(p *ServerProps) { p.InstanceType = "t3.small" }, `instanceType: not one with a Graviton processor, got "t3.small"`},
		{"no user data", func(p *ServerProps) { p.UserData = "" }, "userData: missing"},
		{"a script", func(p *ServerProps) { p.UserData = "#!/bin/sh\n" }, "userData: not #cloud-config text"},
		{"too long", func(p *ServerProps) { p.UserData = "#cloud-config\n" + strings.Repeat("x", 16<<10) }, "userData: too long, got 16398 bytes; EC2 takes 16384"},
		{"waiting in vain", func(p *ServerProps) { p.Signals = true }, "signals: the user data tells nobody that the machine serves"},
		{"no key", func(p *ServerProps) { p.SecretArn = nil }, "secretArn: missing"},
		{"no shared key", func(p *ServerProps) { p.TLSCryptSecretName = "" }, `tlsCryptSecretName: not a secret in a Region, got "" in "ap-northeast-2"`},
		{"every shared key", func(p *ServerProps) { p.TLSCryptSecretName = "*" }, `tlsCryptSecretName: not a secret in a Region, got "*"`},
		{"image twice", func(p *ServerProps) { p.ImageName = "al2023" }, "imageName: an image by id and by name"},
		{"image by name", func(p *ServerProps) {
			p.ImageId, p.ImageName, p.Provider = nil, "al2023", &customresource.Provider{}
		}, ""},
		{"image without provider", func(p *ServerProps) { p.ImageId, p.ImageName = nil, "al2023" }, `imageName: nothing finds its id, got "al2023"`},
		{"program without key", func(p *ServerProps) { p.Program = &Object{BucketName: new("assets")} }, "program.key: missing"},
		{"no bucket", func(p *ServerProps) { p.BucketName = nil }, "bucketName: missing"},
		{"no PKI", func(p *ServerProps) { p.PKI = "" }, `pki: not a name, got ""`},
		{"every PKI", func(p *ServerProps) { p.PKI = "*" }, `pki: not a name, got "*"`},
		{"no log", func(p *ServerProps) { p.LogGroupName = "" }, `logGroupName: not a name of a log group, got ""`},
		{"odd retention", func(p *ServerProps) { p.LogDays = 31 }, "logDays: not a retention that CloudWatch Logs offers, got 31"},
		{"a certificate for too short", func(p *ServerProps) { p.ValidityDays = 6 }, "validityDays: out of range, got 6; use 7 to 825"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := good()
			c.edit(&p)
			propstest.Only(t, p.Validate(), c.want)
		})
	}
}

func TestServerProps_ReportsAll(t *testing.T) {
	if got := strings.Count(ServerProps{}.Validate().Error(), "\n") + 1; got != 11 {
		t.Errorf("empty props have %d problems, want 11:\n%v", got, ServerProps{}.Validate())
	}
}

func TestAddressProps_Validate(t *testing.T) {
	propstest.Only(t, AddressProps{}.Validate(), "name: missing")
	propstest.Only(t, AddressProps{Name: "a"}.Validate(), "")
	propstest.Only(t, AddressProps{Name: "a", Interface: &InterfaceProps{SubnetId: new("subnet-1"), SecurityGroupIds: []*string{new("sg-1")}}}.Validate(), "")
	propstest.Only(t, AddressProps{Name: "a", Interface: &InterfaceProps{SecurityGroupIds: []*string{new("sg-1")}}}.Validate(), "interface.subnetId: missing")
	propstest.Only(t, AddressProps{Name: "a", Interface: &InterfaceProps{SubnetId: new("subnet-1")}}.Validate(), "interface.securityGroupIds: want 1 to 5, got 0")
}
