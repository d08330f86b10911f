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
	"sync/atomic"
	"time"
)

// zoneJob is what a zone's server process is told.
type zoneJob struct {
	Zone  string        `json:"zone"`
	Addrs []string      `json:"addrs"` // host:port
	P50   time.Duration `json:"p50"`   // median of an answer's time, the way to the zone included
}

// order changes how a zone answers, while it runs.
type order struct {
	Factor float64 `json:"factor"` // times the usual time; 0 is 1
	Status int     `json:"status"` // 0 is 200
}

// zoneHeader names the zone that answered.
const zoneHeader = "X-Zone"

// serveZone is the main function of a zone's process. It says "ready" once all addresses listen, and obeys orders until its input ends.
func serveZone(ctx context.Context, job zoneJob, orders io.Reader, out io.Writer) error {
	var now atomic.Pointer[order]
	now.Store(&order{})
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o := now.Load()
		answer(r.Context(), job.P50, max(o.Factor, 1))
		w.Header().Set(zoneHeader, job.Zone)
		if o.Status != 0 {
			w.WriteHeader(o.Status)
		}
		io.WriteString(w, "ok\n") //nolint:errcheck // the caller may be gone
	})}
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
		now.Store(o)
	}
	return lines.Err()
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
