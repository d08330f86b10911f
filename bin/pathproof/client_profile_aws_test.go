package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/clientprofile"
)

// fakeAWS answers as SSM, S3 and Secrets Manager do for a PKI without users, and refuses everything else.
type fakeAWS struct {
	mu    sync.Mutex
	calls []string
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	call := r.Header.Get("X-Amz-Target")
	if call == "" {
		call = r.Method + " " + r.URL.Path
	}
	f.mu.Lock()
	f.calls = append(f.calls, call)
	f.mu.Unlock()
	refuse := func(status int, code string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"__type":"`+code+`","message":"said the fake"}`)
	}
	switch {
	case call == "AmazonSSM.GetParameter" && bytes.Contains(body, []byte(`"/pathproof/reference/pki/main"`)):
		_, _ = io.WriteString(w, `{"Parameter":{"Value":"{\"bucket\":\"pki\"}"}}`)
	case call == "AmazonSSM.GetParameter":
		refuse(http.StatusBadRequest, "ParameterNotFound")
	case strings.HasPrefix(call, "GET /pki/main/"):
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `<Error><Code>NoSuchKey</Code></Error>`)
	case call == "secretsmanager.GetSecretValue":
		refuse(http.StatusBadRequest, "ResourceNotFoundException")
	default:
		refuse(http.StatusBadRequest, "AccessDeniedException")
	}
}

func openFake(t *testing.T) (*fakeAWS, *pkiAccess) {
	t.Helper()
	f := &fakeAWS{}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	r := check.File("../../pathproof.yaml")
	if !r.OK() {
		t.Fatal("the reference network has problems")
	}
	cfg := aws.Config{Region: "ap-northeast-2", BaseEndpoint: &s.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	a, err := openWith(t.Context(), cfg, r.Plan, r.Plan.PKI("main"))
	if err != nil {
		t.Fatal(err)
	}
	return f, a
}

func TestClientProfileAWS_FindsThePKIAndSaysWhatIsMissing(t *testing.T) {
	f, a := openFake(t)
	if users, err := a.users.List(t.Context()); len(users) != 0 || err != nil {
		t.Errorf("got %v, %v", users, err)
	}
	if calls := strings.Join(f.calls, "\n"); strings.Contains(calls, "TrentService") || !strings.Contains(calls, "GET /pki/main/register.json") {
		t.Errorf("reading asked for:\n%s", calls)
	}
	var input *clientprofile.InputError
	if _, err := a.users.Revoke(t.Context(), "bob"); !errors.As(err, &input) {
		t.Errorf("got %v", err)
	}
	_, err := a.users.Add(t.Context(), "bob", 1)
	want(t, err, "alias/pathproof-reference-main: not allowed; allow kms:GetPublicKey on it, or use other credentials")
	_, err = a.address(context.Background(), "ap-northeast-1", "/pathproof/reference/openvpn/tokyo")
	want(t, err, "parameter /pathproof/reference/openvpn/tokyo in ap-northeast-1: not there; deploy the network first, or use credentials of its account")
}

func want(t *testing.T, err error, text string) {
	t.Helper()
	if err == nil || err.Error() != text {
		t.Errorf("got %v, want %s", err, text)
	}
}
