package cfntest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Account is the account of all credentials that the server did not hand out for a role.
const Account = "123456789012"

// Server speaks as much of CloudFormation, Systems Manager, S3, STS and CloudTrail as the CDK CLI and internal/deployed use, for every Region
// at one address: AWS_ENDPOINT_URL=URL and any key will do. Every account and Region counts as bootstrapped with CDK's own
// qualifier. Signatures are not checked.
type Server struct {
	Engine *Engine
	URL    string

	http    *http.Server
	mu      sync.Mutex
	objects map[string][]byte // by BUCKET/KEY
	calls   []Call
	faults  []*Fault
	unknown []string
	played  map[string]http.HandlerFunc // by service and operation
}

// Call is one request.
type Call struct{ Account, Region, Service, Operation string }

func (c Call) String() string { return c.Service + " " + c.Operation + " in " + c.Region }

// Fault is what happens to requests instead of an answer. The empty Operation or Region means each.
type Fault struct {
	Operation, Region string
	Code, Message     string
	Status            int // default: 400
	Cut               bool
	Times             int // default: always
	met               int
}

// Serve starts a server at a free port of the loopback interface. Close ends it.
func Serve(e *Engine) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Server{Engine: e, URL: "http://" + listener.Addr().String(), objects: map[string][]byte{}, played: map[string]http.HandlerFunc{}}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // it ends by Close
	return s, nil
}

// Close ends the server and cuts every connection.
func (s *Server) Close() error { return s.http.Close() }

// Break makes requests fail from now on.
func (s *Server) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Repair takes back every Fault.
func (s *Server) Repair() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Play answers one operation of EC2 or Secrets Manager from now on; the form of a request is parsed. Faults come before it.
func (s *Server) Play(service, operation string, answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played[service+" "+operation] = answer
}

// Calls returns every request so far, in order.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Unknown returns what was asked for that the server does not speak.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unknown)
}

// request is a request with what its signature says.
type request struct {
	*http.Request
	Call
	server *Server
}

var (
	scope   = regexp.MustCompile(`Credential=([^/]+)/[0-9]+/([^/]+)/([^/]+)/aws4_request`)
	assumed = regexp.MustCompile(`^ASIA([0-9]{12})`)
)

// identify reads who asks where for what.
func (s *Server) identify(r *http.Request) *request {
	q := &request{Request: r, server: s, Call: Call{Account: Account}}
	if m := scope.FindStringSubmatch(r.Header.Get("Authorization")); m != nil {
		q.Region, q.Service = m[2], m[3]
		if a := assumed.FindStringSubmatch(m[1]); a != nil {
			q.Account = a[1]
		}
	}
	switch q.Service {
	case "cloudformation", "sts", "ec2":
		_ = r.ParseForm() // an unreadable form has no action, which is refused below
		q.Operation = r.Form.Get("Action")
	case "ssm", "cloudtrail", "secretsmanager":
		target := r.Header.Get("X-Amz-Target")
		q.Operation = target[strings.LastIndex(target, ".")+1:]
	case "s3":
		q.Operation = s3Operation(r)
	}
	return q
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := s.identify(r)
	s.mu.Lock()
	s.calls = append(s.calls, q.Call)
	f := s.fault(q)
	played := s.played[q.Service+" "+q.Operation]
	s.mu.Unlock()
	w.Header().Set("X-Amzn-Requestid", "00000000-0000-4000-8000-000000000000")
	switch {
	case f != nil && f.Cut:
		panic(http.ErrAbortHandler)
	case f != nil:
		q.refuse(w, f.Status, f.Code, f.Message)
		return
	case played != nil:
		played(w, r)
		return
	}
	handle := handlers[q.Service+" "+q.Operation]
	if handle == nil {
		s.mu.Lock()
		s.unknown = append(s.unknown, fmt.Sprintf("%s %s %s", q.Call, r.Method, r.URL))
		s.mu.Unlock()
		q.refuse(w, http.StatusBadRequest, "InvalidAction", "the scripted API does not speak "+q.Service+" "+q.Operation)
		return
	}
	handle(q, w)
}

// fault returns the fault that a request meets. The lock is held.
func (s *Server) fault(q *request) *Fault {
	for _, f := range s.faults {
		if (f.Operation == "" || f.Operation == q.Operation) && (f.Region == "" || f.Region == q.Region) && (f.Times == 0 || f.met < f.Times) {
			f.met++
			return f
		}
	}
	return nil
}

// handlers by service and operation.
var handlers map[string]func(*request, http.ResponseWriter)

func init() {
	handlers = map[string]func(*request, http.ResponseWriter){
		"sts GetCallerIdentity":                      (*request).callerIdentity,
		"sts AssumeRole":                             (*request).assumeRole,
		"ssm GetParameter":                           (*request).parameter,
		"cloudtrail LookupEvents":                    (*request).lookupEvents,
		"s3 GetObject":                               (*request).getObject,
		"s3 HeadObject":                              (*request).getObject,
		"s3 PutObject":                               (*request).putObject,
		"s3 ListObjectsV2":                           (*request).listObjects,
		"s3 GetBucketLocation":                       (*request).bucketLocation,
		"s3 GetBucketEncryption":                     (*request).bucketEncryption,
		"cloudformation DescribeStacks":              (*request).describeStacks,
		"cloudformation DescribeStackEvents":         (*request).describeStackEvents,
		"cloudformation DescribeStackResources":      (*request).describeStackResources,
		"cloudformation ListStackResources":          (*request).listStackResources,
		"cloudformation DescribeEvents":              (*request).none,
		"cloudformation ListHookResults":             (*request).none,
		"cloudformation GetTemplate":                 (*request).getTemplate,
		"cloudformation CreateChangeSet":             (*request).createChangeSet,
		"cloudformation DescribeChangeSet":           (*request).describeChangeSet,
		"cloudformation DeleteChangeSet":             (*request).deleteChangeSet,
		"cloudformation ExecuteChangeSet":            (*request).executeChangeSet,
		"cloudformation DeleteStack":                 (*request).deleteStack,
		"cloudformation UpdateTerminationProtection": (*request).updateTerminationProtection,
		"cloudformation ContinueUpdateRollback":      (*request).continueRollback,
		"cloudformation RollbackStack":               (*request).continueRollback,
	}
}
