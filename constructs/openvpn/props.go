package openvpn

import (
	"regexp"
	"time"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
	"github.com/pathproof/pathproof/internal/pki"
)

// Namespace is where in CloudWatch a server's metrics go unless it is told otherwise.
const Namespace = "Pathproof/OpenVPN"

const logDays = 90

var (
	pkiForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	secretForm = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	groupForm  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
)

// ServerProps configures a Server.
type ServerProps struct {
	// Name is the server's name, in lower case: the dimension Name of its metrics. Required.
	Name string
	// AllocationId is the Elastic IP that the server takes; its role can take no other. Required.
	AllocationId *string
	// NetworkInterfaceId is the interface of a routed server, which it attaches at each boot.
	// Default: none; it translates its clients' addresses to its own.
	NetworkInterfaceId *string
	// SubnetId is a subnet with a route to an Internet gateway. Required.
	SubnetId *string
	// SecurityGroupIds are 1 to 5 of the caller's. Nothing is opened here: they have to let people in to the listen ports, and HTTPS
	// out to AWS. Required.
	SecurityGroupIds []*string
	// ImageId is the id of a pinned image: Amazon Linux 2023 for arm64, not the minimal one, or one made from it. With a parameter
	// for the latest one, unrelated deployments would replace the server. Required, unless ImageName is given.
	ImageId *string
	// ImageName is the name of an image of Amazon's, in place of ImageId, for example al2023-ami-2023.8.20250818.0-kernel-6.1-arm64.
	// Default: none; ImageId is given.
	ImageName string
	// Provider looks up ImageName. Required with it.
	Provider *customresource.Provider
	// InstanceType is one with a Graviton processor.
	// Default: t4g.small.
	InstanceType string
	// UserData is #cloud-config text, at most 16 KB, without secrets: the one of bootstrap.OpenVPN. Required.
	UserData string
	// Signals says that the user data tells CloudFormation whether the server serves, by bootstrap's Signal with the stack's name and the
	// group's logical id, and takes the address when it does. Then a server without a network interface of its own is replaced by one that
	// serves already; one that does not serve fails the deployment, and the old one stays.
	// Default: false; the old one goes first, and nobody waits for the new one.
	Signals bool
	// SecretArn is the secret with its own key and certificate, in its Region. Required.
	SecretArn *string
	// TLSCryptSecretName is the secret, in TLSCryptRegion, with the tls-crypt-v2 key of all servers of the PKI. Required.
	TLSCryptSecretName, TLSCryptRegion string
	// BucketName is the bucket with the PKI's certificate and list of revoked certificates. Required.
	BucketName *string
	// PKI is the PKI's name: its objects are below PKI/ in the bucket. Required.
	PKI string
	// Program is the object with the program that answers probes, which the server may read.
	// Default: none.
	Program *Object
	// Namespace is where in CloudWatch its metrics go; the user data has to say the same.
	// Default: Pathproof/OpenVPN.
	Namespace string
	// LogGroupName is the log group that it writes, which is defined here; the user data has to say the same. Required.
	LogGroupName string
	// LogDays is how long that log is kept, in days: a retention that CloudWatch Logs offers.
	// Default: 90.
	LogDays int
	// ValidityDays is how long its certificate is good, in days, 7 to 825: the same as the ServerCertificate's. An alarm goes off when a
	// renewal has failed, which for a short one is nearer to its end.
	// Default: 90.
	ValidityDays int
	// TopicArn is the SNS topic, in the same Region, that alarms tell.
	// Default: none; alarms are only shown.
	TopicArn *string
}

// Object is an object in S3, in the server's Region.
type Object struct{ BucketName, Key *string }

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ServerProps) Validate() error {
	var f cdkx.Fields
	p.machine().Check(&f)
	machine.RequireText(&f, "allocationId", p.AllocationId, "give that of an Address")
	machine.RequireText(&f, "subnetId", p.SubnetId, "give one with a route to an Internet gateway")
	machine.RequireText(&f, "secretArn", p.SecretArn, "give the secret with the server's key, for example that of an Address")
	if !secretForm.MatchString(p.TLSCryptSecretName) || !awsdata.IsRegionCode(p.TLSCryptRegion) {
		f.Addf("tlsCryptSecretName", "not a secret in a Region, got %q in %q; give that of the PKI", p.TLSCryptSecretName, p.TLSCryptRegion)
	}
	if o := p.Program; o != nil {
		machine.RequireText(&f, "program.bucketName", o.BucketName, "give that of an asset")
		machine.RequireText(&f, "program.key", o.Key, "give that of an asset")
	}
	machine.RequireText(&f, "bucketName", p.BucketName, "give the bucket of the PKI")
	if !pkiForm.MatchString(p.PKI) {
		f.Addf("pki", "not a name, got %q; use lower case, digits and hyphens", p.PKI)
	}
	if !groupForm.MatchString(p.LogGroupName) {
		f.Addf("logGroupName", "not a name of a log group, got %q; write it like /pathproof/shop/openvpn/seoul", p.LogGroupName)
	}
	machine.CheckSignals(&f, p.Signals, p.UserData)
	if p.ValidityDays != 0 && (p.ValidityDays < 7 || p.ValidityDays > 825) {
		f.Addf("validityDays", "out of range, got %d; use 7 to 825", p.ValidityDays)
	}
	return f.Err()
}

func (p ServerProps) life() time.Duration { return time.Duration(p.ValidityDays) * 24 * time.Hour }

func (p ServerProps) withDefaults() ServerProps {
	if p.ValidityDays == 0 {
		p.ValidityDays = int(pki.ServerLife / (24 * time.Hour))
	}
	if p.Namespace == "" {
		p.Namespace = Namespace
	}
	if p.LogDays == 0 {
		p.LogDays = logDays
	}
	return p
}

func (p ServerProps) machine() machine.Props {
	return machine.Props{Name: p.Name, ImageId: p.ImageId, ImageName: p.ImageName, Provider: p.Provider, InstanceType: p.InstanceType, SecurityGroupIds: p.SecurityGroupIds, UserData: p.UserData,
		Namespace: p.Namespace, LogGroupName: p.LogGroupName, LogDays: p.LogDays}
}
