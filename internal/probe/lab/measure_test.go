//go:build linux

package lab_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/pathproof/pathproof/internal/probe"
)

// measurement asks for n measurements of one method under a condition.
type measurement struct {
	Method     string
	Target     string
	N          int
	Interval   time.Duration // between measurements; 0: each after the one before
	Concurrent int           // how many at once
	Busy       int           // goroutines that compute all the while
}

// reading is one measured time. Key is the local port, or the sequence of an ICMP echo.
type reading struct {
	Key uint16
	Us  int64
}

type readings struct {
	Readings []reading
	Quality  probe.Quality
	Notes    []string
}

func measureJob(d *json.Decoder) (any, error) {
	var m measurement
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	stop := make(chan struct{})
	defer close(stop)
	for range m.Busy {
		go func() {
			for x := 0; ; x++ {
				if x%1_000_000 == 0 {
					select {
					case <-stop:
						return
					default:
					}
				}
			}
		}()
	}
	if one, ok := others[m.Method]; ok {
		return m.byHand(one)
	}
	return m.byProbe()
}

// byProbe measures with the engine as everyone else uses it.
func (m measurement) byProbe() (any, error) {
	host, port, err := net.SplitHostPort(m.Target)
	if err != nil {
		return nil, err
	}
	e := probe.Endpoint{Host: host}
	if _, err := fmt.Sscan(port, &e.Port); err != nil {
		return nil, err
	}
	phase := probe.PhaseWait
	var p probe.Prober
	switch m.Method {
	case "probe tcp":
		p, phase = &probe.TCP{Endpoint: e}, probe.PhaseConnect
	case "probe tcp, own clock":
		p, phase = &probe.TCP{Endpoint: e}, ""
	case "probe tcp-echo":
		p = &probe.TCPEcho{Endpoint: e}
	case "probe icmp":
		p = &probe.ICMP{Endpoint: e}
	default:
		return nil, fmt.Errorf("there is no method %s", m.Method)
	}
	res, err := probe.Run(context.Background(), probe.Plan{
		Paths: []probe.Path{{Name: "path", Prober: p}}, Count: m.N, Warmup: 3, InFlight: m.Concurrent, Interval: max(m.Interval, 10*time.Microsecond),
	})
	if err != nil {
		return nil, err
	}
	out := readings{Quality: res.Env.Quality, Notes: res.Env.Notes}
	for _, s := range res.Paths[0].Samples {
		t, ok := s.Phases.Get(phase)
		if phase == "" {
			t, ok = s.Elapsed, s.OK()
		}
		key := s.Local.Port()
		if m.Method == "probe icmp" {
			key = uint16(s.Index + 1) // the engine counts its echoes from 1, one at a time
		}
		if ok && !s.Warmup {
			out.Readings = append(out.Readings, reading{key, int64(t)})
		}
	}
	if len(out.Readings) == 0 {
		return nil, fmt.Errorf("%s measured nothing: %v", m.Method, res.Paths[0].Errors)
	}
	return out, nil
}

// others are the ways in which published tools measure.
var others = map[string]func(target string) (reading, error){
	"net.Dial":  dialOnce,
	"httptrace": traceOnce,
}

// dialOnce is what tcping tools in Go do.
func dialOnce(target string) (reading, error) {
	start := time.Now()
	c, err := net.DialTimeout("tcp", target, 5*time.Second)
	took := time.Since(start)
	if err != nil {
		return reading{}, err
	}
	defer c.Close()
	return reading{uint16(c.LocalAddr().(*net.TCPAddr).Port), took.Microseconds()}, nil
}

// traceOnce is what httpstat and its like do: connect as net/http/httptrace tells it.
func traceOnce(target string) (reading, error) {
	var start time.Time
	var r reading
	trace := &httptrace.ClientTrace{
		ConnectStart: func(string, string) { start = time.Now() },
		ConnectDone:  func(string, string, error) { r.Us = time.Since(start).Microseconds() },
		GotConn:      func(info httptrace.GotConnInfo) { r.Key = uint16(info.Conn.LocalAddr().(*net.TCPAddr).Port) },
	}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), trace), http.MethodGet, "http://"+target+"/whoami", nil)
	if err != nil {
		return r, err
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport, Timeout: 5 * time.Second}).Do(request)
	if err != nil {
		return r, err
	}
	return r, answer.Body.Close()
}

func (m measurement) byHand(one func(string) (reading, error)) (any, error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var out readings
	var failed error
	seats := make(chan struct{}, m.Concurrent)
	for range m.N {
		seats <- struct{}{}
		wg.Go(func() {
			defer func() { <-seats }()
			r, err := one(m.Target)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
				return
			}
			out.Readings = append(out.Readings, r)
		})
		time.Sleep(m.Interval)
	}
	wg.Wait()
	return out, failed
}
