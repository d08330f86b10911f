package zone

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// place is a made-up environment: variables, and metadata that answers at one address.
type place map[string]string

func (p place) getenv(name string) string { return p[name] }

// metadata plays the three metadata services. Handlers that are left out answer 404.
type metadata struct {
	lambda, task, imdsID, imdsName string
	taskStatus                     int
	delay                          time.Duration
	noTokens                       bool
}

func (m *metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(m.delay):
	case <-r.Context().Done():
		return
	}
	answer := func(body string) {
		if body == "" {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, body)
	}
	token := r.Header.Get("X-Aws-Ec2-Metadata-Token")
	switch {
	case r.URL.Path == "/2026-01-15/metadata/execution-environment" && r.Header.Get("Authorization") == "Bearer s3cret":
		answer(m.lambda)
	case r.URL.Path == "/v4/abc/task":
		if m.taskStatus != 0 {
			w.WriteHeader(m.taskStatus)
			return
		}
		answer(m.task)
	case r.URL.Path == "/latest/api/token" && r.Method == http.MethodPut && !m.noTokens && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") == "60":
		answer("t0ken")
	case r.URL.Path == "/latest/meta-data/placement/availability-zone-id" && token == "t0ken":
		answer(m.imdsID)
	case r.URL.Path == "/latest/meta-data/placement/availability-zone" && token == "t0ken":
		answer(m.imdsName)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func TestDetect(t *testing.T) {
	seoul := Table(map[string]string{"ap-northeast-2a": "apne2-az1"})
	const task = `{"Cluster": "c", "AvailabilityZone": "ap-northeast-2a", "LaunchType": "FARGATE"}`
	instance := metadata{imdsID: "apne2-az3", imdsName: "ap-northeast-2c"}
	for _, tt := range []struct {
		name     string
		config   Config
		env      place
		metadata metadata
		want     Found
		errs     []string
	}{
		{name: "said", config: Config{ID: "apne2-az2"}, env: place{EnvID: "apne2-az1"}, want: Found{ID: "apne2-az2", From: "configuration"}},
		{name: "said, as a name", config: Config{ID: "ap-northeast-2a"}, errs: []string{`got "ap-northeast-2a"; names mean different zones`}},
		{name: "environment", env: place{EnvID: "apne2-az2"}, metadata: instance, want: Found{ID: "apne2-az2", From: "the environment variable PATHPROOF_ZONE_ID"}},
		{name: "environment, as a name, is not papered over", env: place{EnvID: "ap-northeast-2a"}, metadata: instance,
			errs: []string{"PATHPROOF_ZONE_ID: a zone name"}},
		{name: "Lambda", env: place{"AWS_LAMBDA_METADATA_API": "HOST", "AWS_LAMBDA_METADATA_TOKEN": "s3cret", "AWS_LAMBDA_FUNCTION_NAME": "f"},
			metadata: metadata{lambda: `{"AvailabilityZoneID":"apne2-az4"}`}, want: Found{ID: "apne2-az4", From: "Lambda's metadata"}},
		{name: "Lambda before its endpoint", env: place{"AWS_LAMBDA_FUNCTION_NAME": "f"}, metadata: instance,
			errs: []string{"Lambda's metadata: not asked, AWS_LAMBDA_METADATA_API or its token", "instance metadata: not asked, a Lambda function has none"}},
		{name: "Lambda, wrong token", env: place{"AWS_LAMBDA_METADATA_API": "HOST", "AWS_LAMBDA_METADATA_TOKEN": "wrong", "AWS_LAMBDA_FUNCTION_NAME": "f"},
			errs: []string{"answered 401 Unauthorized"}},
		{name: "Lambda, not JSON", env: place{"AWS_LAMBDA_METADATA_API": "HOST", "AWS_LAMBDA_METADATA_TOKEN": "s3cret", "AWS_LAMBDA_FUNCTION_NAME": "f"},
			metadata: metadata{lambda: "<html>"}, errs: []string{"not a metadata document, got 6 bytes"}},
		{name: "Fargate", config: Config{IDOf: seoul}, env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"}, metadata: metadata{task: task},
			want: Found{ID: "apne2-az1", Name: "ap-northeast-2a", From: "ECS task metadata"}},
		{name: "Fargate, a name nobody knows", config: Config{IDOf: Table(nil)}, env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"},
			metadata: metadata{task: task}, errs: []string{`lacks a name, got "ap-northeast-2a"; add its ID`, "instance metadata: "}},
		{name: "Fargate, a table of names to names", config: Config{IDOf: Table(map[string]string{"ap-northeast-2a": "ap-northeast-2b"})},
			env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"}, metadata: metadata{task: task}, errs: []string{`a zone name where`}},
		{name: "Fargate, no way from names", env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"}, metadata: metadata{task: task},
			errs: []string{`it knows the zone's name only, got "ap-northeast-2a"; set IDOf`}},
		{name: "a task on EC2", env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"},
			metadata: metadata{task: `{"LaunchType": "EC2"}`, imdsID: "apne2-az3"}, want: Found{ID: "apne2-az3", From: "instance metadata"}},
		{name: "task metadata is broken", config: Config{IDOf: seoul}, env: place{"ECS_CONTAINER_METADATA_URI_V4": "http://HOST/v4/abc"},
			metadata: metadata{taskStatus: 500, imdsID: "apne2-az3"}, want: Found{ID: "apne2-az3", From: "instance metadata"}},
		{name: "instance", metadata: instance, want: Found{ID: "apne2-az3", Name: "ap-northeast-2c", From: "instance metadata"}},
		{name: "instance without version 2", metadata: metadata{noTokens: true, imdsID: "apne2-az3"}, errs: []string{"PUT http://HOST/latest/api/token answered 401"}},
		{name: "instance in a service that says nonsense", metadata: metadata{imdsID: "moon-1"}, errs: []string{`got "moon-1"`}},
		{name: "instance metadata forbidden", env: place{"AWS_EC2_METADATA_DISABLED": "TRUE"}, metadata: instance,
			errs: []string{"the Availability Zone is not known; set PATHPROOF_ZONE_ID", "PATHPROOF_ZONE_ID: not asked, it is not set", "AWS_EC2_METADATA_DISABLED is true"}},
		{name: "slow", config: Config{Timeout: 50 * time.Millisecond}, metadata: metadata{delay: time.Minute, imdsID: "apne2-az3"},
			errs: []string{"context deadline exceeded"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(&tt.metadata)
			defer server.Close()
			host := strings.TrimPrefix(server.URL, "http://")
			env := place{}
			for k, v := range tt.env {
				env[k] = strings.Replace(v, "HOST", host, 1)
			}
			config := tt.config
			config.Getenv, config.IMDS = env.getenv, server.URL
			begin := time.Now()
			got, err := Detect(t.Context(), config)
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
			if len(tt.errs) == 0 && (err != nil || got != tt.want) {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
			for _, want := range tt.errs {
				if err == nil || !strings.Contains(err.Error(), strings.Replace(want, "HOST", host, 1)) {
					t.Errorf("error does not say %q: %v", want, err)
				}
			}
			if err != nil && (strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "t0ken")) {
				t.Errorf("error gives a token away: %v", err)
			}
		})
	}
}

func TestDetect_EndsWithItsContext(t *testing.T) {
	m := &metadata{delay: time.Minute}
	server := httptest.NewServer(m)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := Detect(ctx, Config{Timeout: time.Minute, IMDS: server.URL, Getenv: place{}.getenv})
	if err == nil || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
}

func TestDetect_AsksTheEndpointThatTheEnvironmentNames(t *testing.T) {
	server := httptest.NewServer(&metadata{imdsID: "apne2-az3"})
	defer server.Close()
	env := place{"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.URL + "/"}
	if got, err := Detect(t.Context(), Config{Getenv: env.getenv}); err != nil || got.ID != "apne2-az3" {
		t.Errorf("%+v, %v", got, err)
	}
}
