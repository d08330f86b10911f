package cfn

// protected are the kinds whose loss others would notice: an address or a key that other parties hold on to, or a
// resource that takes everything attached to it along (docs/adr/0007). A customer gateway is a description that its
// connection outlives, so it is not one.
var protected = map[string]string{
	"AWS::EC2::ClientVpnEndpoint":         "Client VPN endpoint", // every profile names it
	"AWS::EC2::EIP":                       "Elastic IP",
	"AWS::EC2::TransitGateway":            "transit gateway",
	"AWS::EC2::VPC":                       "VPC",
	"AWS::EC2::VPNConnection":             "VPN connection",
	"AWS::GlobalAccelerator::Accelerator": "accelerator",
	"AWS::KMS::Key":                       "key",
	"AWS::Route53::HostedZone":            "hosted zone",
	"AWS::S3::Bucket":                     "bucket",
	"AWS::SecretsManager::Secret":         "secret",
}

// Protected reports whether deleting or replacing a resource of this type has to be named by whoever wants it, and what
// people call it.
func Protected(typ string) (noun string, ok bool) {
	noun, ok = protected[typ]
	return noun, ok
}
