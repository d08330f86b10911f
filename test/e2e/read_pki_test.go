package e2e

import (
	"crypto/x509"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// attributes are what references to resources of ways in become, by type and attribute.
var attributes = map[string]func(t *testing.T, d *deployed, region, id string) string{
	"AWS::EC2::EIP.PublicIp":                                          field("DescribeAddresses", "addressesSet", "allocationId", "publicIp"),
	"AWS::EC2::Subnet.AvailabilityZone":                               field("DescribeSubnets", "subnetSet", "subnetId", "availabilityZone"),
	"AWS::EC2::LaunchTemplate.LatestVersionNumber":                    field("DescribeLaunchTemplates", "launchTemplates", "launchTemplateId", "latestVersionNumber"),
	"AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName":               attribute("AWS::ElasticLoadBalancingV2::LoadBalancer", "DNSName"),
	"AWS::ElasticLoadBalancingV2::LoadBalancer.CanonicalHostedZoneID": attribute("AWS::ElasticLoadBalancingV2::LoadBalancer", "CanonicalHostedZoneId"),
	"AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName":  after(":loadbalancer/"),
	"AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName":    after(account + ":"),
	"AWS::ServiceDiscovery::HttpNamespace.Arn":                        attribute("AWS::ServiceDiscovery::HttpNamespace", "Arn"),
	"AWS::ServiceDiscovery::Service.Arn":                              attribute("AWS::ServiceDiscovery::Service", "Arn"),
	"AWS::CloudWatch::Alarm.Arn": func(_ *testing.T, _ *deployed, region, id string) string {
		return "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:" + id
	},
	"AWS::GlobalAccelerator::Accelerator.DnsName": attribute("AWS::GlobalAccelerator::Accelerator", "DnsName"),
	"AWS::IAM::InstanceProfile.Arn":               attribute("AWS::IAM::InstanceProfile", "Arn"),
	"AWS::Logs::LogGroup.Arn": func(_ *testing.T, _ *deployed, region, id string) string {
		return "arn:aws:logs:" + region + ":" + account + ":log-group:" + id + ":*"
	},
}

// after is what comes after a part of an ARN.
func after(part string) func(*testing.T, *deployed, string, string) string {
	return func(_ *testing.T, _ *deployed, _, id string) string { return id[strings.Index(id, part)+len(part):] }
}

func field(action, set, id, name string) func(*testing.T, *deployed, string, string) string {
	return func(t *testing.T, d *deployed, region, pid string) string {
		for _, n := range d.server.query(t, "ec2", region, action).list(set) {
			if n.at(id) == pid {
				return n.at(name)
			}
		}
		return ""
	}
}

func attribute(typ, name string) func(*testing.T, *deployed, string, string) string {
	return func(t *testing.T, d *deployed, region, id string) string {
		return plainText(looks[typ].read(t, d, region, id, nil)[name])
	}
}

// customID is by what a custom resource of these types is read: what it answered, or what its properties say.
func customID(d *deployed, t *testing.T, st *stack, logical string) string {
	t.Helper()
	switch st.resources[logical].typ {
	case "Custom::PathproofImage":
		return plainText(d.lastAnswer(t, st.name, logical)["ImageId"])
	case "Custom::PathproofPrefixList":
		return plainText(d.lastAnswer(t, st.name, logical)["PrefixListId"])
	case "Custom::PathproofPki", "Custom::PathproofServerCertificate", "Custom::PathproofClientVpnCertificate", "Custom::PathproofClientVpnList":
		says := d.saidValues(t, st, logical)
		maps.Copy(says, d.lastAnswer(t, st.name, logical))
		text, err := json.Marshal(says)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return ""
}

func readImage(t *testing.T, d *deployed, region, id string) properties {
	return simple("DescribeImages", "imagesSet", "imageId", "Name", "name", "Owner", "imageOwnerAlias")(t, d, region, id)
}

func readPrefixList(t *testing.T, d *deployed, region, id string) properties {
	return simple("DescribeManagedPrefixLists", "prefixListSet", "prefixListId", "Name", "prefixListName", "Owner", "ownerId")(t, d, region, id)
}

// authorityOf reads a PKI from a bucket: the authority's certificate and the revocation list, which it signed.
func authorityOf(t *testing.T, d *deployed, region, bucket, name string) (*x509.Certificate, bool) {
	t.Helper()
	a, err := pki.DecodeCertificate(string(d.server.rest(t, "s3", region, "/"+bucket+"/"+name+"/"+registry.AuthorityKey)))
	if err != nil {
		t.Errorf("the authority in %s: %v", bucket, err)
		return nil, false
	}
	list, err := pki.DecodeList(string(d.server.rest(t, "s3", region, "/"+bucket+"/"+name+"/"+registry.ListKey)))
	if err != nil {
		t.Errorf("the revocation list in %s: %v", bucket, err)
		return nil, false
	}
	if err := list.CheckSignatureFrom(a); err != nil {
		t.Errorf("the revocation list in %s: %v", bucket, err)
		return nil, false
	}
	return a, a.IsCA && a.CheckSignatureFrom(a) == nil && time.Now().Before(list.NextUpdate)
}

// readPKI reads an authority at home and in its replicas, which have to be the same. said are its properties.
func readPKI(t *testing.T, d *deployed, region, said string) properties {
	p := object(said)
	name := plainText(p["Pki"])
	home, good := authorityOf(t, d, region, plainText(p["Bucket"]), name)
	if home == nil {
		return nil
	}
	p2 := properties{"Network": strings.Fields(home.Subject.CommonName)[0], "Pki": name, "State": "signed", "Subject": home.Subject.CommonName}
	for replica := range strings.FieldsSeq(plainText(p["Replicas"])) {
		where, bucket, _ := strings.Cut(replica, "=")
		other, ok := authorityOf(t, d, where, bucket, name)
		good = good && ok && other.Equal(home)
	}
	if d.secret(t, region, plainText(p["TlsCryptSecretArn"])) == "" {
		p2["State"] = "without a tls-crypt key"
	}
	if !good {
		p2["State"] = "not good"
	}
	return p2
}

// readServerCertificate reads what the function put into a server's secret: a certificate of the authority, and its key.
func readServerCertificate(t *testing.T, d *deployed, region, said string) properties {
	p := object(said)
	home := d.plan.PKI(plainText(p["Pki"])).Home.Region
	a, _ := authorityOf(t, d, home, plainText(p["Bucket"]), plainText(p["Pki"]))
	held := object(d.secret(t, region, plainText(p["SecretArn"])))
	if a == nil || held == nil {
		return nil
	}
	c, err := pki.DecodeCertificate(plainText(held["certificate"]))
	if err != nil {
		t.Error(err)
		return nil
	}
	key, err := pki.DecodeKey(plainText(held["key"]))
	out := properties{"Network": strings.Fields(a.Subject.CommonName)[0], "Server": strings.TrimPrefix(c.Subject.CommonName, d.plan.Name+"-openvpn-"), "State": "good"}
	if err != nil || !key.PublicKey.Equal(c.PublicKey) || c.CheckSignatureFrom(a) != nil || time.Until(c.NotAfter) < 24*time.Hour {
		out["State"] = "not good"
	}
	return out
}

// readClientVPNCertificate reads what the function put into ACM for a Client VPN endpoint: the certificate's name says of which network,
// endpoint and place it is.
func readClientVPNCertificate(t *testing.T, d *deployed, region, said string) properties {
	p := object(said)
	var out struct {
		Certificate struct{ Status, DomainName string }
	}
	d.server.json11(t, "acm", region, "CertificateManager.DescribeCertificate", map[string]any{"CertificateArn": p["CertificateArn"]}, &out)
	got := properties{"State": out.Certificate.Status}
	for _, name := range []string{"Network", "Endpoint", "At"} {
		if value := plainText(p[name]); strings.Contains(out.Certificate.DomainName, strings.ReplaceAll(value, "/", ".")) {
			got[name] = value
		}
	}
	return got
}

// readClientVPNList reads the list of revoked certificates that an endpoint has.
func readClientVPNList(t *testing.T, d *deployed, region, said string) properties {
	id := plainText(object(said)["ClientVpnEndpointId"])
	n := d.server.query(t, "ec2", region, "ExportClientVpnClientCertificateRevocationList", "ClientVpnEndpointId", id)
	if _, err := pki.DecodeList(n.at("certificateRevocationList")); err != nil {
		t.Errorf("the list of %s: %v", id, err)
	}
	return properties{"ClientVpnEndpointId": id, "State": n.at("status/code")}
}
