package e2e

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/topology"
)

func readParameter(t *testing.T, d *deployed, region, id string) properties {
	var out struct {
		Parameter struct{ Name, Type, Value string }
	}
	d.server.json11(t, "ssm", region, "AmazonSSM.GetParameter", map[string]any{"Name": id}, &out)
	p := properties{"Name": out.Parameter.Name, "Value": out.Parameter.Value}
	if object, ok := strings.CutPrefix(out.Parameter.Value, "s3://"); ok {
		p["Plan"] = d.storedPlan(t, region, object)
	}
	return p
}

// storedPlan compares the plan that a deployment stored with the plan that was to be deployed.
func (d *deployed) storedPlan(t *testing.T, region, object string) string {
	stored, err := topology.ReadPlan(d.server.rest(t, "s3", region, "/"+object))
	if err != nil {
		return err.Error()
	}
	got, err := stored.Encode()
	if err != nil {
		return err.Error()
	}
	want, err := d.plan.Encode()
	if err != nil {
		return err.Error()
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		return "another plan: " + diff
	}
	return "as planned"
}

func readKey(t *testing.T, d *deployed, region, id string) properties {
	var key struct {
		KeyMetadata struct{ KeyState, KeySpec, KeyUsage string }
	}
	d.server.json11(t, "kms", region, "TrentService.DescribeKey", map[string]any{"KeyId": id}, &key)
	var rotation struct{ KeyRotationEnabled bool }
	d.server.json11(t, "kms", region, "TrentService.GetKeyRotationStatus", map[string]any{"KeyId": id}, &rotation)
	return properties{"State": key.KeyMetadata.KeyState, "Rotation": fmt.Sprint(rotation.KeyRotationEnabled), "KeySpec": key.KeyMetadata.KeySpec, "KeyUsage": key.KeyMetadata.KeyUsage}
}

func readTopic(t *testing.T, d *deployed, region, id string) properties {
	p := properties{}
	for _, e := range d.server.query(t, "sns", region, "GetTopicAttributes", "TopicArn", id).list("GetTopicAttributesResult/Attributes") {
		p[e.at("key")] = e.at("value")
	}
	return p
}

func readLogGroup(t *testing.T, d *deployed, region, id string) properties {
	var out struct {
		LogGroups []struct {
			LogGroupName    string
			RetentionInDays int
		}
	}
	d.server.json11(t, "logs", region, "Logs_20140328.DescribeLogGroups", map[string]any{"logGroupNamePrefix": id}, &out)
	for _, g := range out.LogGroups {
		if g.LogGroupName == id {
			return properties{"RetentionInDays": fmt.Sprint(g.RetentionInDays)}
		}
	}
	return nil
}

func readFunction(t *testing.T, d *deployed, region, id string) properties {
	var out struct{ Configuration map[string]any }
	decode(t, d.server.rest(t, "lambda", region, "/2015-03-31/functions/"+id), &out)
	var place struct {
		VpcConfig   struct{ SubnetIds []string }
		Environment struct{ Variables map[string]string }
	}
	text, err := json.Marshal(out.Configuration)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, text, &place)
	if vpc, ok := out.Configuration["VpcConfig"].(map[string]any); ok {
		delete(vpc, "VpcId") // it follows from the subnet
	}
	p := textsOf(out.Configuration)
	if len(place.VpcConfig.SubnetIds) == 1 {
		subnet, _ := d.find(t, region, "DescribeSubnets", "subnetSet", "subnetId", place.VpcConfig.SubnetIds[0])
		p["Zone"], p["Zone that it tells"] = subnet.at("availabilityZoneId"), place.Environment.Variables[gate.EnvAZID]
	}
	return p
}

func readZone(t *testing.T, d *deployed, region, id string) properties {
	n := d.xml(t, "route53", region, "/2013-04-01/hostedzone/"+id)
	var vpcs []string
	for _, v := range n.list("VPCs") {
		vpcs = append(vpcs, fmt.Sprintf(`{"VPCId":"%s","VPCRegion":"%s"}`, v.at("VPCId"), v.at("VPCRegion")))
	}
	return properties{"Name": strings.TrimSuffix(n.at("HostedZone/Name"), "."), "VPCs": "[" + strings.Join(vpcs, ",") + "]"}
}

func readBucket(t *testing.T, d *deployed, region, id string) properties {
	encryption := d.xml(t, "s3", region, "/"+id+"?encryption")
	return properties{"Encryption": encryption.at("Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm")}
}

func (d *deployed) xml(t *testing.T, service, region, path string) node {
	t.Helper()
	var n node
	if err := xml.Unmarshal(d.server.rest(t, service, region, path), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func decode(t *testing.T, body []byte, out any) {
	t.Helper()
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
}
