package probe

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// judge returns the first thing that is wrong with an answer: the status before what is in it.
func (e *HTTPExpect) judge(version HTTPVersion, answer *http.Response, body []byte) *Failure {
	if fail := e.judgeStatus(answer); fail != nil {
		return fail
	}
	if version == HTTP2 && answer.ProtoMajor != 2 {
		return failed(Assertion, "receive", "want HTTP/2, got "+answer.Proto)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Header)) {
		if got := answer.Header.Get(name); got != e.Header[name] {
			return failed(Assertion, "header", fmt.Sprintf("want %s: %s, got %q", name, e.Header[name], got))
		}
	}
	if e.Body != nil && !e.Body.Match(body) {
		return failed(Assertion, "body", fmt.Sprintf("no match for %s in %d bytes", e.Body, len(body)))
	}
	return e.judgeCertificate(answer)
}

func (e *HTTPExpect) judgeStatus(answer *http.Response) *Failure {
	good := answer.StatusCode >= 200 && answer.StatusCode <= 299
	if len(e.Status) > 0 {
		good = slices.Contains(e.Status, answer.StatusCode)
	}
	if good {
		return nil
	}
	detail := "got " + answer.Status
	if to := answer.Header.Get("Location"); to != "" {
		detail += " to " + to + "; redirects are not followed"
	}
	return failed(HTTPStatus, "status", detail)
}

func (e *HTTPExpect) judgeCertificate(answer *http.Response) *Failure {
	if e.CertificateFor <= 0 {
		return nil
	}
	if answer.TLS == nil || len(answer.TLS.PeerCertificates) == 0 {
		return failed(Assertion, "certificate", "there is no TLS, so no certificate to look at")
	}
	end := answer.TLS.PeerCertificates[0].NotAfter
	if left := time.Until(end); left < e.CertificateFor {
		return failed(Assertion, "certificate", fmt.Sprintf("expires at %s, in %s; want %s",
			end.UTC().Format(time.RFC3339), left.Round(time.Minute), e.CertificateFor))
	}
	return nil
}
