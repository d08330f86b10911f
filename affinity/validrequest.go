package affinity

import (
	"net/http"
	"strings"
)

// validRequest says whether net/http would send the request at all. It is asked only after an error, so that a request nobody can
// send is not held against an endpoint.
func validRequest(r *http.Request) bool {
	if r.URL.Host == "" || r.URL.Scheme != "http" && r.URL.Scheme != "https" || !token(r.Method) && r.Method != "" {
		return false
	}
	for name, values := range r.Header {
		if !token(name) {
			return false
		}
		for _, v := range values {
			if strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
				return false
			}
		}
	}
	return true
}

// token is RFC 9110's.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}
