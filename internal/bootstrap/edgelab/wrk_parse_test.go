//go:build linux

package edgelab_test

import "testing"

// What wrk 4.1.0 prints, with errors and without.
const (
	wrkBad = `Running 30s test @ http://127.0.0.1/api
  2 threads and 12 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     6.89ms    5.66ms 108.66ms   70.43%
    Req/Sec     1.41k     1.16k    4.45k    59.00%
  Latency Distribution
     50%    8.63ms
     75%   13.14ms
     90%   13.72ms
     99%   15.90ms
  84201 requests in 30.03s, 22.91MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 60000
Requests/sec:   2804.22
`
	wrkGood = "  200 requests in 30.03s, 22.91MB read\nRequests/sec:     6.66\n"
)

func TestWrk_IsRead(t *testing.T) {
	for text, want := range map[string]asked{
		wrkBad:  {requests: 84201, refused: 60000, connect: 1, read: 2, write: 3, timeout: 4, perSecond: 2804.22, median: "8.63ms", p99: "15.90ms"},
		wrkGood: {requests: 200, perSecond: 6.66},
	} {
		if got, ok := parseWrk(text); !ok || got != want {
			t.Errorf("got %+v, %t, want %+v", got, ok, want)
		}
	}
	if _, ok := parseWrk("unable to connect"); ok {
		t.Error("no count is none")
	}
}
