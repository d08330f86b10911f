package affinitylab

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// zoneJob is what a zone's server process is told.
type zoneJob struct {
	Zone  string        `json:"zone"`
	Addrs []string      `json:"addrs"` // host:port
	P50   time.Duration `json:"p50"`   // median of an answer's time, the way to the zone included
	Log   string        `json:"log"`   // file for the ids of calls that arrived
}

// order changes how a zone answers, while it runs.
type order struct {
	Factor float64 `json:"factor"` // times the usual time; 0 is 1
	Status int     `json:"status"` // 0 is 200
	Rate   float64 `json:"rate"`   // calls per second that it carries; the rest gets 503 at once. 0: all
}

// Headers of calls and answers.
const (
	zoneHeader = "X-Zone" // the zone that answered
	idHeader   = "X-Id"   // names a call, for the servers' logs
)

// serveZone is the main function of a zone's process. It says "ready" once all addresses listen, and obeys orders until its input ends.
func serveZone(ctx context.Context, job zoneJob, orders io.Reader, out io.Writer) error {
	log, err := os.OpenFile(job.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	z := &zoneServer{job: job, log: log}
	z.now.Store(&order{})
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: z}
	for _, addr := range job.Addrs {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp4", addr)
		if err != nil {
			return err
		}
		go server.Serve(l) //nolint:errcheck // ends with the process
	}
	fmt.Fprintln(out, "ready")
	lines := bufio.NewScanner(orders)
	for lines.Scan() {
		o := new(order)
		if err := json.Unmarshal(lines.Bytes(), o); err != nil {
			return err
		}
		z.now.Store(o)
	}
	return lines.Err()
}

// zoneServer answers as its orders say.
type zoneServer struct {
	job zoneJob
	log *os.File
	now atomic.Pointer[order]

	mu     sync.Mutex
	tokens float64 // calls that may come now, where there is a rate
	at     time.Time
}

// ServeHTTP does the work of a call.
func (z *zoneServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o := z.now.Load()
	w.Header().Set(zoneHeader, z.job.Zone)
	if id := r.Header.Get(idHeader); id != "" {
		if _, err := z.log.WriteString(id + "\n"); err != nil { // one write: lines stay whole, and outlive the process
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
	}
	if !z.admit(o.Rate) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	answer(r.Context(), z.job.P50, max(o.Factor, 1))
	if o.Status != 0 {
		w.WriteHeader(o.Status)
	}
	io.WriteString(w, "ok\n") //nolint:errcheck // the caller may be gone
}

// admit takes a token: as many calls per second as the rate, and a tenth of them at once.
func (z *zoneServer) admit(rate float64) bool {
	if rate == 0 {
		return true
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	now := time.Now()
	z.tokens = min(z.tokens+now.Sub(z.at).Seconds()*rate, max(rate/10, 1))
	z.at = now
	if z.tokens < 1 {
		return false
	}
	z.tokens--
	return true
}

// answer waits as a service's work does: a median, and a tail that is twice as long at p90.
func answer(ctx context.Context, p50 time.Duration, factor float64) {
	const sigma = 0.35
	d := time.Duration(float64(p50) * factor * math.Exp(min(sigma*rand.NormFloat64(), 1.5)))
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
