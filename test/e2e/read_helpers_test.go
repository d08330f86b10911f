package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Helpers only serve a resource, and a plan leaves them out. What is wanted of them is what their template says in plain
// values; of a policy, which actions it names.

// helper is what a helper's template says of it, and the id by which an API knows it.
func (d *deployed) helper(st *stack, logical string) (properties, string) {
	declared, id := st.template.Resources[logical], st.resources[logical].id
	p := properties{}
	for _, name := range []string{"Runtime", "Handler", "MemorySize", "Timeout", "MaximumEventAgeInSeconds", "RetentionInDays", "RoleName"} {
		if value, ok := declared.Properties[name]; ok {
			p[name] = plainText(value)
		}
	}
	if document, ok := declared.Properties["PolicyDocument"]; ok {
		p["Actions"] = actions(document)
	}
	switch declared.Type {
	case "AWS::IAM::Policy":
		id = st.referred(declared.Properties["Roles"]) + "/" + plainText(declared.Properties["PolicyName"])
	case "AWS::SNS::TopicPolicy":
		id = st.referred(declared.Properties["Topics"])
	}
	return p, id
}

// referred is the id of the one resource in a list of references.
func (s *stack) referred(list any) string {
	for _, v := range list.([]any) {
		return s.resources[plainText(v.(map[string]any)["Ref"])].id
	}
	return ""
}

// actions lists the actions that a policy document names.
func actions(document any) string {
	var p struct{ Statement []struct{ Action any } }
	text, err := json.Marshal(document)
	if err != nil || json.Unmarshal(text, &p) != nil {
		return fmt.Sprintf("not a policy: %s", text)
	}
	all := map[string]bool{}
	for _, s := range p.Statement {
		list, ok := s.Action.([]any)
		if !ok {
			list = []any{s.Action}
		}
		for _, a := range list {
			all[fmt.Sprint(a)] = true
		}
	}
	return join(slices.Collect(maps.Keys(all))...)
}

// policyText is a policy's text as an API answers it.
func policyText(text string) properties {
	var document any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil
	}
	return properties{"Actions": actions(document)}
}

func readPolicy(t *testing.T, d *deployed, region, id string) properties {
	role, policy, _ := strings.Cut(id, "/")
	n := d.server.query(t, "iam", region, "GetRolePolicy", "RoleName", role, "PolicyName", policy)
	text, err := url.QueryUnescape(n.at("GetRolePolicyResult/PolicyDocument"))
	if err != nil {
		t.Fatal(err)
	}
	return policyText(text)
}

func readTopicPolicy(t *testing.T, d *deployed, region, id string) properties {
	return policyText(readTopic(t, d, region, id)["Policy"])
}

func readBucketPolicy(t *testing.T, d *deployed, region, id string) properties {
	return policyText(string(d.server.rest(t, "s3", region, "/"+id+"?policy")))
}

func readInvokeConfig(t *testing.T, d *deployed, region, id string) properties {
	name, _, _ := strings.Cut(id, "|")
	var out struct{ MaximumEventAgeInSeconds int }
	decode(t, d.server.rest(t, "lambda", region, "/2019-09-25/functions/"+name+"/event-invoke-config"), &out)
	return properties{"MaximumEventAgeInSeconds": fmt.Sprint(out.MaximumEventAgeInSeconds)}
}

func readRole(t *testing.T, d *deployed, region, id string) properties {
	return properties{"RoleName": d.server.query(t, "iam", region, "GetRole", "RoleName", id).at("GetRoleResult/Role/RoleName")}
}
