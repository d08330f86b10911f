package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/pathproof/pathproof/internal/lambdatest"
)

// services stands in for the AWS services that the gate calls, on one address, and for the presigned URL.
type services struct {
	mu        sync.Mutex
	functions map[string]*lambdatest.Function
	calls     []string
	regions   map[string]bool // that invocations of functions were signed for
	invoked   map[string]int  // by function

	refuse  map[string][]string // by function: errors of Lambda before it invokes
	garbage map[string]string   // by function: what it answers instead
	objects map[string][]byte
	s3Down  bool
	status  string // of the stack

	presignedFails int // 503 that many times
	answers        []map[string]any
	jobs           []map[string]any // what CodePipeline was told
}

func (s *services) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	path := req.URL.Path
	switch {
	case strings.HasPrefix(path, "/2015-03-31/functions/"):
		name := strings.TrimSuffix(strings.TrimPrefix(path, "/2015-03-31/functions/"), "/invocations")
		s.lambda(w, req, name, body)
	case req.Header.Get("X-Amz-Target") != "":
		s.codePipeline(w, req.Header.Get("X-Amz-Target"), body)
	case strings.HasPrefix(path, "/answer"):
		s.presigned(w, req, body)
	case strings.HasPrefix(path, "/reports"):
		s.s3(w, req, body)
	default:
		s.stacks(w, body)
	}
}

func (s *services) called(what string) {
	s.calls = append(s.calls, what)
}

func (s *services) lambda(w http.ResponseWriter, req *http.Request, name string, body []byte) {
	s.mu.Lock()
	s.called("Invoke")
	s.invoked[name]++
	if scope := strings.Split(req.Header.Get("Authorization"), "/"); len(scope) > 3 {
		s.regions[scope[2]] = true
	}
	var refusal string
	if r := s.refuse[name]; len(r) > 0 {
		refusal, s.refuse[name] = r[0], r[1:]
	}
	f, garbage := s.functions[name], s.garbage[name]
	s.mu.Unlock()
	switch {
	case refusal != "":
		code, status := refusal, http.StatusBadRequest
		switch code {
		case "ResourceConflictException":
			status = http.StatusConflict
		case "TooManyRequestsException":
			status = http.StatusTooManyRequests
		}
		w.Header().Set("X-Amzn-Errortype", code)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"message": "stand-in says %s"}`, code)
	case garbage != "":
		_, _ = io.WriteString(w, garbage)
	default:
		end := f.Invoke(req.Context(), "22222222-2222-2222-2222-222222222222", body)
		if end.Error {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		}
		_, _ = w.Write(end.Payload)
	}
}

func (s *services) codePipeline(w http.ResponseWriter, target string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	action := target[strings.LastIndexByte(target, '.')+1:]
	s.called(action)
	told := map[string]any{}
	if err := json.Unmarshal(body, &told); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	told["action"] = action
	s.jobs = append(s.jobs, told)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = io.WriteString(w, "{}")
}

func (s *services) presigned(w http.ResponseWriter, req *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.presignedFails > 0 {
		s.presignedFails--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if req.Method != http.MethodPut || req.Header.Get("Content-Type") != "" || len(body) > 4096 {
		http.Error(w, "not signed for that", http.StatusForbidden)
		return
	}
	var answer map[string]any
	_ = json.Unmarshal(body, &answer)
	s.answers = append(s.answers, answer)
}

func (s *services) s3(w http.ResponseWriter, req *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.called(req.Method + " object")
	object, ok := s.objects[req.URL.Path]
	switch {
	case s.s3Down || req.Header.Get("X-Amz-Expected-Bucket-Owner") != account:
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`)
	case req.Method == http.MethodPut:
		s.objects[req.URL.Path] = body
	case !ok:
		w.WriteHeader(http.StatusForbidden) // what S3 says to whoever may not list
		_, _ = io.WriteString(w, `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`)
	default:
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(object)
	}
}

func (s *services) stacks(w http.ResponseWriter, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.Contains(string(body), "Action=DescribeStacks") {
		http.Error(w, "unknown call", http.StatusBadRequest)
		return
	}
	s.called("DescribeStacks")
	w.Header().Set("Content-Type", "text/xml")
	_, _ = fmt.Fprintf(w, `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
<StackName>ops</StackName><CreationTime>2026-11-30T12:00:00Z</CreationTime><StackStatus>%s</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, s.status)
}
