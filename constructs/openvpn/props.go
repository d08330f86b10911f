package openvpn

import (
	"regexp"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/machine"
)

// Namespace is where in CloudWatch a server's metrics go unless it is told otherwise.
const Namespace = "Pathproof/OpenVPN"

const logDays = 90

var (
	pkiForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	groupForm = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`)
)

// ServerProps configures a Server.
type ServerProps struct {
	// Name is the server's name, in lower case: the dimension Name of its metrics. Required.
	Name string
	// AllocationId is the Elastic IP that the server takes at each boot; its role can take no other. Required.
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
	// for the latest one, unrelated deployments would replace the server. Required.
	ImageId *string
	// InstanceType is one with a Graviton processor.
	// Default: t4g.small.
	InstanceType string
	// UserData is #cloud-config text, at most 16 KB, without secrets: the one of bootstrap.OpenVPN. Required.
	UserData string
	// SecretArn is the secret with its own key and certificate, in its Region. Required.
	SecretArn *string
	// TLSCryptSecretArn is the secret with the tls-crypt-v2 key of all servers of the PKI, in the PKI's home. Required.
	TLSCryptSecretArn *string
	// BucketName is the bucket with the PKI's certificate and list of revoked certificates. Required.
	BucketName *string
	// PKI is the PKI's name: its objects are below PKI/ in the bucket. Required.
	PKI string
	// Namespace is where in CloudWatch its metrics go; the user data has to say the same.
	// Default: Pathproof/OpenVPN.
	Namespace string
	// LogGroupName is the log group that it writes, which is defined here; the user data has to say the same. Required.
	LogGroupName string
	// LogDays is how long that log is kept, in days: a retention that CloudWatch Logs offers.
	// Default: 90.
	LogDays int
	// MaxClients is how many people its pool has addresses for: an alarm goes off at 80 % of it.
	// Default: no alarm.
	MaxClients int
	// TopicArn is the SNS topic, in the same Region, that alarms tell.
	// Default: none; alarms are only shown.
	TopicArn *string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ServerProps) Validate() error {
	var f cdkx.Fields
	p.machine().Check(&f)
	machine.RequireText(&f, "allocationId", p.AllocationId, "give that of an Address")
	machine.RequireText(&f, "subnetId", p.SubnetId, "give one with a route to an Internet gateway")
	machine.RequireText(&f, "secretArn", p.SecretArn, "give the secret with the server's key, for example that of an Address")
	machine.RequireText(&f, "tlsCryptSecretArn", p.TLSCryptSecretArn, "give the secret of the PKI")
	machine.RequireText(&f, "bucketName", p.BucketName, "give the bucket of the PKI")
	if !pkiForm.MatchString(p.PKI) {
		f.Addf("pki", "not a name, got %q; use lower case, digits and hyphens", p.PKI)
	}
	if !groupForm.MatchString(p.LogGroupName) {
		f.Addf("logGroupName", "not a name of a log group, got %q; write it like /pathproof/shop/openvpn/seoul", p.LogGroupName)
	}
	if p.MaxClients < 0 {
		f.Addf("maxClients", "out of range, got %d; use 1 or more", p.MaxClients)
	}
	return f.Err()
}

func (p ServerProps) withDefaults() ServerProps {
	if p.Namespace == "" {
		p.Namespace = Namespace
	}
	if p.LogDays == 0 {
		p.LogDays = logDays
	}
	return p
}

func (p ServerProps) machine() machine.Props {
	return machine.Props{Name: p.Name, ImageId: p.ImageId, InstanceType: p.InstanceType, SecurityGroupIds: p.SecurityGroupIds, UserData: p.UserData,
		Namespace: p.Namespace, LogGroupName: p.LogGroupName, LogDays: p.LogDays}
}
