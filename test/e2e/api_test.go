package e2e

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// These are AWS's protocols without its SDK: service/ec2 takes minutes to compile. moto reads the Region and the service
// from the signature's scope, and does not check the rest.

var versions = map[string]string{"ec2": "2016-11-15", "cloudformation": "2010-05-15", "iam": "2010-05-08", "sns": "2010-03-31",
	"elasticloadbalancing": "2015-12-01", "autoscaling": "2011-01-01"}

// query calls a service that speaks the query protocol. params are pairs of name and value.
func (s *server) query(t *testing.T, service, region, action string, params ...string) node {
	t.Helper()
	out, err := s.tryQuery(service, region, action, params...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (s *server) tryQuery(service, region, action string, params ...string) (node, error) {
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i+1 < len(params); i += 2 {
		form.Set(params[i], params[i+1])
	}
	body, err := s.call(service, region, "POST", "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form.Encode())
	if err != nil {
		return node{}, fmt.Errorf("%s %s %v: %w", action, region, params, err)
	}
	var out node
	if err := xml.Unmarshal(body, &out); err != nil {
		return node{}, fmt.Errorf("%s: %w", action, err)
	}
	return out, nil
}

// json11 calls a service that speaks JSON, and decodes the answer into out.
func (s *server) json11(t *testing.T, service, region, target string, in, out any) {
	t.Helper()
	request, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	body, err := s.call(service, region, "POST", "/", map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}, string(request))
	if err != nil {
		t.Fatalf("%s %s: %v", target, region, err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatal(err)
	}
}

// rest gets a path of a REST service.
func (s *server) rest(t *testing.T, service, region, path string) []byte {
	t.Helper()
	body, err := s.call(service, region, "GET", path, nil, "")
	if err != nil {
		t.Fatalf("%s %s %s: %v", service, region, path, err)
	}
	return body
}

func (s *server) call(service, region, method, path string, headers map[string]string, body string) ([]byte, error) {
	req, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=HARNESS/20260101/%s/%s/aws4_request, SignedHeaders=host, Signature=0", region, service))
	client := &http.Client{Timeout: 30 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("HTTP status %d: %.600s", res.StatusCode, out)
	}
	return out, err
}

// node is an element of XML.
type node struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
	Nodes   []node `xml:",any"`
}

// at is the text below a path such as options/amazonSideAsn, "" if it is not there.
func (n node) at(path string) string {
	found, ok := n.find(path)
	if !ok {
		return ""
	}
	return strings.TrimSpace(found.Text)
}

// list are the children of the element at a path: its items or members.
func (n node) list(path string) []node {
	found, _ := n.find(path)
	return found.Nodes
}

func (n node) find(path string) (node, bool) {
next:
	for _, name := range strings.Split(path, "/") {
		for _, child := range n.Nodes {
			if child.XMLName.Local == name {
				n = child
				continue next
			}
		}
		return node{}, false
	}
	return n, true
}

// plainText writes a scalar of a template.
func plainText(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}
