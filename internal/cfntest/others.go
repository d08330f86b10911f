package cfntest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (q *request) callerIdentity(w http.ResponseWriter) {
	q.result(w, leaf("Arn", "arn:aws:iam::"+q.Account+":user/test"), leaf("UserId", "AIDATEST"), leaf("Account", q.Account))
}

// assumeRole hands out keys that tell the account of the role.
func (q *request) assumeRole(w http.ResponseWriter) {
	parts := strings.Split(q.Form.Get("RoleArn"), ":")
	if len(parts) < 6 {
		q.invalid(w, "%s is invalid", q.Form.Get("RoleArn"))
		return
	}
	q.result(w, el("Credentials", leaf("AccessKeyId", "ASIA"+parts[4]), leaf("SecretAccessKey", "secret"), leaf("SessionToken", "token"), leaf("Expiration", moment(time.Now().Add(time.Hour)))),
		el("AssumedRoleUser", leaf("Arn", q.Form.Get("RoleArn")), leaf("AssumedRoleId", "AROATEST:test")))
}

// none answers that there is nothing: the CDK CLI looks for hooks and early validations behind a failed change set.
func (q *request) none(w http.ResponseWriter) {
	q.result(w, members(map[string]string{"DescribeEvents": "OperationEvents", "ListHookResults": "HookResults"}[q.Operation], nil))
}

// lookupEvents answers that nothing was recorded: the CDK CLI looks for the calls behind a failure.
func (q *request) lookupEvents(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, `{"Events": []}`)
}

// bootstrapVersion is what `cdk bootstrap` of the pinned CLI stores, or more.
const bootstrapVersion = "32"

func (q *request) parameter(w http.ResponseWriter) {
	var in struct{ Name string }
	if err := json.NewDecoder(q.Body).Decode(&in); err != nil {
		q.refuse(w, 0, "SerializationException", err.Error())
		return
	}
	value, changed := bootstrapVersion, time.Unix(0, 0)
	if !strings.HasPrefix(in.Name, "/cdk-bootstrap/") {
		var ok bool
		if value, changed, ok = q.server.Engine.parameter(q.Account, q.Region, in.Name); !ok {
			q.refuse(w, 0, "ParameterNotFound", "")
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{"Name": in.Name, "Type": "String", "Value": value, "Version": 1,
		"LastModifiedDate": float64(changed.UnixMilli()) / 1000}})
}

// parameter is the value of a parameter that some stack defines.
func (e *Engine) parameter(account, region, name string) (string, time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for at, s := range e.stacks {
		if at.account != account || at.region != region {
			continue
		}
		for _, i := range s.resources {
			if i.typ == "AWS::SSM::Parameter" && i.properties["Name"] == name {
				var body struct{ Value string }
				_ = json.Unmarshal([]byte(i.body), &body) // written by json.Marshal
				return body.Value, i.modified, true
			}
		}
	}
	return "", time.Time{}, false
}

// s3Operation names what a request to S3 asks for. Addresses are path-style: the server's is a number.
func s3Operation(r *http.Request) string {
	_, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case key != "" && len(query["uploads"])+len(query["uploadId"]) == 0:
		return map[string]string{http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodPut: "PutObject"}[r.Method]
	case query.Has("location"):
		return "GetBucketLocation"
	case query.Has("encryption"):
		return "GetBucketEncryption"
	case query.Get("list-type") == "2":
		return "ListObjectsV2"
	}
	return ""
}

// bucket is the bucket of a request if it is one of the caller's bootstraps.
func (q *request) bucket(w http.ResponseWriter) (string, bool) {
	name, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), "/")
	if !strings.HasPrefix(name, "cdk-hnb659fds-assets-"+q.Account+"-") {
		q.refuse(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
		return "", false
	}
	return name, true
}

func (q *request) getObject(w http.ResponseWriter) {
	if _, ok := q.bucket(w); !ok {
		return
	}
	q.server.mu.Lock()
	body, ok := q.server.objects[strings.TrimPrefix(q.URL.Path, "/")]
	q.server.mu.Unlock()
	if !ok {
		q.refuse(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (q *request) putObject(w http.ResponseWriter) {
	if _, ok := q.bucket(w); !ok {
		return
	}
	body, err := io.ReadAll(q.Body)
	if err == nil && strings.Contains(q.Header.Get("Content-Encoding"), "aws-chunked") {
		body, err = unchunk(body)
	}
	if err != nil {
		q.refuse(w, 0, "IncompleteBody", err.Error())
		return
	}
	q.server.mu.Lock()
	q.server.objects[strings.TrimPrefix(q.URL.Path, "/")] = body
	q.server.mu.Unlock()
	w.Header().Set("ETag", `"0"`)
}

// unchunk takes the chunks of a streamed upload apart: SIZE[;signature] in hexadecimal, the bytes, and after the last one
// the trailers.
func unchunk(body []byte) ([]byte, error) {
	in, out := bufio.NewReader(strings.NewReader(string(body))), []byte{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if err != nil || n == 0 {
			return out, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		out = append(out, chunk[:n]...)
	}
}

func (q *request) listObjects(w http.ResponseWriter) {
	bucket, ok := q.bucket(w)
	if !ok {
		return
	}
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	var found []string
	for name, body := range q.server.objects {
		if key, ok := strings.CutPrefix(name, bucket+"/"); ok && strings.HasPrefix(key, q.URL.Query().Get("prefix")) {
			found = append(found, el("Contents", leaf("Key", key), leaf("Size", strconv.Itoa(len(body)))))
		}
	}
	slices.Sort(found)
	_, _ = io.WriteString(w, el("ListBucketResult", leaf("Name", bucket), leaf("KeyCount", strconv.Itoa(len(found))), leaf("IsTruncated", "false"), strings.Join(found, "")))
}

func (q *request) bucketLocation(w http.ResponseWriter) {
	if _, ok := q.bucket(w); ok {
		_, _ = io.WriteString(w, leaf("LocationConstraint", q.Region))
	}
}

func (q *request) bucketEncryption(w http.ResponseWriter) {
	if _, ok := q.bucket(w); ok {
		_, _ = fmt.Fprint(w, el("ServerSideEncryptionConfiguration", el("Rule", el("ApplyServerSideEncryptionByDefault", leaf("SSEAlgorithm", "AES256")))))
	}
}

// DeleteObjects removes everything from every bucket, as a lifecycle rule might.
func (s *Server) DeleteObjects() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.objects)
}
