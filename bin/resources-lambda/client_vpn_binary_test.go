package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/lambdatest"
	"github.com/pathproof/pathproof/internal/lambdax"
	"github.com/pathproof/pathproof/internal/pki"
)

// wire plays KMS, S3, ACM and EC2 as far as an endpoint's certificate and list go, on the wire. KMS's key is a real one.
type wire struct {
	mu      sync.Mutex
	key     *rsa.PrivateKey
	objects map[string]string
	acm     map[string]any // the last import
	tags    any            // of the first
	imports int
	list    string // what EC2 was given
	calls   []string
}

func (f *wire) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	target := r.Header.Get("X-Amz-Target")
	switch {
	case strings.HasPrefix(target, "TrentService."):
		f.kms(w, strings.TrimPrefix(target, "TrentService."), body)
	case strings.HasPrefix(target, "CertificateManager."):
		f.certificates(w, strings.TrimPrefix(target, "CertificateManager."), body)
	case r.Method == http.MethodPost:
		f.ec2(w, body)
	default:
		f.s3(w, r, string(body))
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_ = json.NewEncoder(w).Encode(v)
}

func (f *wire) kms(w http.ResponseWriter, action string, body []byte) {
	var in struct{ KeyID, Message, MessageType, SigningAlgorithm string }
	_ = json.Unmarshal(body, &in)
	f.calls = append(f.calls, action+" "+in.SigningAlgorithm+" "+in.MessageType)
	if action == "GetPublicKey" {
		der, _ := x509.MarshalPKIXPublicKey(&f.key.PublicKey)
		answer(w, map[string]any{"PublicKey": der, "KeyUsage": "SIGN_VERIFY", "KeySpec": "RSA_2048"})
		return
	}
	digest, _ := base64.StdEncoding.DecodeString(in.Message)
	signature, err := rsa.SignPKCS1v15(nil, f.key, crypto.SHA256, digest)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, map[string]any{"Signature": signature})
}

const wireARN = "arn:aws:acm:ap-northeast-2:111122223333:certificate/01234567-89ab-cdef-0123-456789abcdef"

func (f *wire) certificates(w http.ResponseWriter, action string, body []byte) {
	in := map[string]any{}
	_ = json.Unmarshal(body, &in)
	f.calls = append(f.calls, action)
	text := func(name string) string {
		b, _ := base64.StdEncoding.DecodeString(fmt.Sprint(f.acm[name]))
		return string(b)
	}
	switch action {
	case "ListCertificates":
		answer(w, map[string]any{"CertificateSummaryList": []any{}})
	case "ImportCertificate":
		if f.imports++; f.imports == 1 {
			f.tags = in["Tags"]
		}
		f.acm = in
		answer(w, map[string]any{"CertificateArn": wireARN})
	case "GetCertificate":
		answer(w, map[string]any{"Certificate": text("Certificate"), "CertificateChain": text("CertificateChain")})
	default:
		http.Error(w, "unknown action "+action, http.StatusBadRequest)
	}
}

func (f *wire) ec2(w http.ResponseWriter, body []byte) {
	form, _ := url.ParseQuery(string(body))
	f.calls = append(f.calls, form.Get("Action")+" "+form.Get("ClientVpnEndpointId"))
	f.list = form.Get("CertificateRevocationList")
	fmt.Fprintf(w, `<%[1]sResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><return>true</return></%[1]sResponse>`, form.Get("Action"))
}

// s3 holds objects under the conditions of their writes.
func (f *wire) s3(w http.ResponseWriter, r *http.Request, body string) {
	there, ok := f.objects[r.URL.Path]
	tag := fmt.Sprintf("%q", fmt.Sprint(len(there)))
	if r.Method == http.MethodGet {
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		w.Header().Set("ETag", tag)
		fmt.Fprint(w, there)
		return
	}
	if ok && r.Header.Get("If-Match") != tag || !ok && r.Header.Get("If-None-Match") != "*" {
		w.WriteHeader(http.StatusPreconditionFailed)
		fmt.Fprint(w, `<Error><Code>PreconditionFailed</Code></Error>`)
		return
	}
	f.objects[r.URL.Path] = chunked(body)
}

// chunked takes the payload out of the form in which the SDK sends it with a checksum behind it.
func chunked(body string) string {
	var out strings.Builder
	for {
		size, rest, ok := strings.Cut(body, "\r\n")
		var n int
		if _, err := fmt.Sscanf(size, "%x", &n); !ok || err != nil {
			return body
		}
		if n == 0 {
			return out.String()
		}
		out.WriteString(rest[:n])
		body = rest[n+2:]
	}
}

// TestBinary_ClientVPN runs the real program: KMS signs, ACM gets what belongs together, EC2 gets a list that openssl's rules accept, and the
// key is in no answer, log or object.
func TestBinary_ClientVPN(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN with -short: compiles and starts the real program")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	program := lambdatest.Build(ctx, t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &wire{key: key, objects: map[string]string{}}
	aws := httptest.NewServer(f)
	defer aws.Close()
	answers := make(chan []byte, 4)
	presigned := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answers <- body
	}))
	defer presigned.Close()
	function := lambdatest.Start(t, program, "arn:aws:lambda:ap-northeast-2:111122223333:function:resources", time.Minute,
		"AWS_REGION="+home, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY="+"example", "AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL="+aws.URL, "HOME="+t.TempDir())
	said := ""
	send := func(e map[string]any) lambdax.Response {
		e["ResponseURL"] = presigned.URL + "/answer"
		raw, _ := json.Marshal(e)
		if end := function.Invoke(ctx, "11111111-2222-3333-4444-555555555555", raw); end.Error {
			t.Fatalf("the function failed: %s", end.Payload)
		}
		body := <-answers
		said += string(body)
		var r lambdax.Response
		if err := json.Unmarshal(body, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, request := range []string{"Create", "Update"} {
		if r := succeeded(t, send(vpnEvent(request, vpnCertificateType, "id"))); r.Data["CertificateArn"] != wireARN {
			t.Errorf("%s: %+v", request, r)
		}
	}
	f.mu.Lock()
	revokedIn(t, f, "carol") // as the command line would write it
	f.mu.Unlock()
	succeeded(t, send(vpnEvent("Create", vpnListType, "id")))
	function.Stop()

	f.mu.Lock()
	defer f.mu.Unlock()
	part := func(name string) *pem.Block {
		b, _ := base64.StdEncoding.DecodeString(fmt.Sprint(f.acm[name]))
		block, _ := pem.Decode(b)
		if block == nil {
			t.Fatalf("ACM got no %s", name)
		}
		return block
	}
	authority, err := x509.ParseCertificate(part("CertificateChain").Bytes)
	if err != nil || !key.PublicKey.Equal(authority.PublicKey) {
		t.Fatalf("the chain is not of the key in KMS: %v", err)
	}
	server, err := x509.ParseCertificate(part("Certificate").Bytes)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	if _, err := server.Verify(x509.VerifyOptions{Roots: roots, DNSName: "people.seoul.vpn.client-vpn.reference"}); err != nil {
		t.Error(err)
	}
	private, err := x509.ParsePKCS8PrivateKey(part("PrivateKey").Bytes)
	if k, ok := private.(*rsa.PrivateKey); !ok || !k.PublicKey.Equal(server.PublicKey) {
		t.Errorf("the key is not the certificate's: %v", err)
	}
	l, err := pki.DecodeList(f.list)
	if err != nil || l.CheckSignatureFrom(authority) != nil || len(l.RevokedCertificateEntries) != 1 {
		t.Errorf("EC2 got %v, %v", err, l)
	}
	if tags, _ := json.Marshal(f.tags); f.imports != 1 || string(tags) != `[{"Key":"pathproof:client-vpn","Value":"people.seoul.vpn.client-vpn.reference"},{"Key":"pathproof:network","Value":"reference"}]` {
		t.Errorf("%d imports, tags %s", f.imports, tags)
	}
	calls := strings.Join(f.calls, "\n")
	if !strings.Contains(calls, "Sign RSASSA_PKCS1_V1_5_SHA_256 DIGEST") || !strings.Contains(calls, "ImportClientVpnClientCertificateRevocationList "+vpnEndpoint) {
		t.Errorf("calls:\n%s", calls)
	}
	_, secret, _ := strings.Cut(string(pem.EncodeToMemory(part("PrivateKey"))), "-----\n")
	everything, _ := json.Marshal(f.objects)
	for where, text := range map[string]string{"log": function.Log(), "answers": said, "objects": string(everything)} {
		if strings.Contains(text, secret[:40]) || strings.Contains(text, "PRIVATE KEY") || text == "" {
			t.Errorf("the %s hold a key, or nothing:\n%s", where, text)
		}
	}
}

// revokedIn enters a revoked certificate of a user into the register.
func revokedIn(t *testing.T, f *wire, user string) {
	t.Helper()
	const path = "/b/main/register.json"
	var r map[string]any
	if err := json.Unmarshal([]byte(f.objects[path]), &r); err != nil {
		t.Fatalf("%v: %s", err, f.objects[path])
	}
	revision := r["revision"].(float64) + 1
	r["revision"], r["clientVpnRevoked"] = revision, revision
	r["certificates"] = append(r["certificates"].([]any), map[string]any{"serial": "0123456789abcdef0123456789abcdef", "kind": "client", "line": "clientVpn", "name": user,
		"issued": time.Now().UTC(), "notAfter": time.Now().UTC().Add(time.Hour), "revoked": time.Now().UTC()})
	text, _ := json.Marshal(r)
	f.objects[path] = string(text)
}
