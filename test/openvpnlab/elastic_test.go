//go:build linux

package openvpnlab

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// elasticIP is an Elastic IP address: it leads to the machine that asked AWS for it last, and to nobody when that is gone.
type elasticIP struct {
	address string
	folder  string // of the stand-in for AWS

	mu       sync.Mutex
	machines map[string]*machine
	holder   string
	since    time.Time
	trouble  error
}

// newElasticIP has an address follow what machines ask for until the test ends.
func (w *world) newElasticIP(t *testing.T, address, folder string) *elasticIP {
	e := &elasticIP{address: address, folder: folder, machines: map[string]*machine{}}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
				e.follow(w)
			}
		}
	}()
	t.Cleanup(func() {
		close(done)
		<-ended
		if e.trouble != nil {
			t.Error(e.trouble)
		}
	})
	return e
}

// follow moves the address if somebody else has it by now.
func (e *elasticIP) follow(w *world) {
	b, _ := os.ReadFile(filepath.Join(e.folder, "address"))
	name := strings.TrimSpace(string(b))
	e.mu.Lock()
	defer e.mu.Unlock()
	if name == e.holder || name != "" && e.machines[name] == nil {
		return
	}
	if err := w.associate(e.address, e.machines[name]); err != nil {
		e.trouble = err
	}
	e.holder, e.since = name, time.Now()
}

// add lets a machine have the address.
func (e *elasticIP) add(m *machine) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.machines[m.name] = m
}

// at is who has it, and since when.
func (e *elasticIP) at() (string, time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.holder, e.since
}

// terminate ends a machine as a power cut would. AWS then takes its address from it.
func (e *elasticIP) terminate(m *machine) {
	m.kill()
	if holder, _ := e.at(); holder == m.name {
		_ = os.Remove(filepath.Join(e.folder, "address"))
		eventually(m.t, "AWS takes the address", 5*time.Second, func() bool { now, _ := e.at(); return now == "" })
	}
}

// signals are what machines told CloudFormation.
func (e *elasticIP) signals() []string {
	b, _ := os.ReadFile(filepath.Join(e.folder, "signals"))
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}
