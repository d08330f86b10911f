package e2e

import (
	"net/url"
	"strings"
	"testing"
)

// zonalLooks are the types of zonal services, and of records.
var zonalLooks = map[string]look{
	"AWS::Route53::RecordSet":                         {find: findRecord},
	"AWS::ServiceDiscovery::HttpNamespace":            {service: "servicediscovery", action: "Route53AutoNaming_v20170314.GetNamespace", ask: "Id", item: "Namespace", tagged: cloudMapTags},
	"AWS::ServiceDiscovery::Service":                  {service: "servicediscovery", action: "Route53AutoNaming_v20170314.GetService", ask: "Id", item: "Service", tagged: cloudMapTags},
	"AWS::ServiceDiscovery::Instance":                 {find: findInstance},
	"AWS::ARCZonalShift::ZonalAutoshiftConfiguration": {find: findAutoshift},
	"AWS::StepFunctions::StateMachine": {service: "states", action: "AWSStepFunctions.DescribeStateMachine", ask: "stateMachineArn",
		renamed: map[string]string{"definition": "DefinitionString", "roleArn": "RoleArn", "type": "StateMachineType", "name": "StateMachineName"}},
}

// findRecord finds a record of a zone by its name, its type and what tells it from others of that name.
func findRecord(t *testing.T, d *deployed, region, id string, says map[string]any) map[string]any {
	zone := plainText(says["HostedZoneId"])
	for _, r := range d.xml(t, "route53", region, "/2013-04-01/hostedzone/"+zone+"/rrset").list("ResourceRecordSets") {
		set := ""
		if says["SetIdentifier"] != nil {
			set = plainText(says["SetIdentifier"])
		}
		if strings.TrimSuffix(r.at("Name"), ".") != id || r.at("Type") != plainText(says["Type"]) || r.at("SetIdentifier") != set {
			continue
		}
		got, _ := r.value().(map[string]any)
		got["HostedZoneId"], got["Name"] = zone, id
		var values []any
		for _, x := range r.list("ResourceRecords") {
			values = append(values, x.at("Value"))
		}
		got["ResourceRecords"] = values
		if alias, ok := got["AliasTarget"].(map[string]any); ok {
			alias["DNSName"] = strings.TrimSuffix(plainText(alias["DNSName"]), ".")
		}
		return got
	}
	return nil
}

func cloudMapTags(t *testing.T, d *deployed, region, _ string, got map[string]any) []any {
	var out map[string]any
	d.server.json11(t, "servicediscovery", region, "Route53AutoNaming_v20170314.ListTagsForResource", map[string]any{"ResourceARN": got["Arn"]}, &out)
	list, _ := out["Tags"].([]any)
	return list
}

func findInstance(t *testing.T, d *deployed, region, id string, says map[string]any) map[string]any {
	var out struct{ Instance map[string]any }
	d.server.json11(t, "servicediscovery", region, "Route53AutoNaming_v20170314.GetInstance", map[string]any{"ServiceId": says["ServiceId"], "InstanceId": id}, &out)
	if out.Instance == nil {
		return nil
	}
	return map[string]any{"InstanceId": out.Instance["Id"], "InstanceAttributes": out.Instance["Attributes"], "ServiceId": says["ServiceId"]}
}

func findAutoshift(t *testing.T, d *deployed, region, id string, _ map[string]any) map[string]any {
	var out map[string]any
	decode(t, d.server.rest(t, "arc-zonal-shift", region, "/managedresources/"+url.PathEscape(id)), &out)
	got, _ := capital(out).(map[string]any)
	got["ResourceIdentifier"] = got["Arn"]
	return got
}

// capital writes an answer whose names begin with a small letter as CloudFormation does.
func capital(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = capital(v[i])
		}
	case map[string]any:
		out := map[string]any{}
		for name := range v {
			out[strings.ToUpper(name[:1])+name[1:]] = capital(v[name])
		}
		return out
	}
	return value
}
