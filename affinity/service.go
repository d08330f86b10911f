package affinity

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/internal/rolling"
	"github.com/pathproof/pathproof/affinity/retry"
)

// Service is a service as one client sees it: its endpoints, their health, and how calls reach them. It is safe for concurrent use.
// It has no goroutine of its own but discovery's; health is judged by the calls themselves, ten times a second.
type Service struct {
	cfg      Config
	start    time.Time // what times are measured from
	cache    *discover.Cache
	ownCache bool
	leave    func() // ends the subscription to cache
	budget   *retry.Budget
	backoff  retry.Backoff
	ended    *rolling.Counts // calls of the last seconds by how they ended, for Shed
	failing  atomic.Bool     // some of them ended badly

	routes    atomic.Pointer[routes] // nil until discovery has answered
	nextJudge atomic.Int64
	nextTrial atomic.Int64
	closed    atomic.Bool
	refused   atomic.Pointer[error] // why discovery gives no answer any more, nil if it does

	mu          sync.Mutex // guards what follows, and what zones and endpoints say it guards
	zones       []*zoneState
	events      []Event
	sweep       bool // pools may be out of date
	dirty       bool // something changed since routes were made
	toldUnknown bool
	transports  []*transport

	calls, attempts, retries, hedges, crossZone, failures, shed, denied atomic.Uint64
}

// New returns a service. Its error names everything that is wrong with the configuration. Close ends its discovery.
func New(cfg Config) (*Service, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	s := &Service{
		cfg: cfg, start: time.Now(), budget: retry.NewBudget(cfg.Retry.Budget, cfg.Retry.Floor),
		backoff: retry.Backoff{Base: cfg.Retry.Base, Max: cfg.Retry.Max}, ended: rolling.NewCounts(shedWindow, shedSlots),
	}
	s.nextTrial.Store(int64(never))
	cache, given := cfg.Source.(*discover.Cache)
	if !given {
		var err error
		cache, err = discover.NewCache(discover.CacheConfig{Source: cfg.Source, OnResult: s.discovered})
		if err != nil {
			return nil, err
		}
	}
	s.cache, s.ownCache = cache, !given
	s.leave = cache.Subscribe(s.update)
	return s, nil
}

// now is the time since the service was made, which no clock change disturbs.
func (s *Service) now() time.Duration { return time.Since(s.start) }

// discovered tells Observer of failed discovery.
func (s *Service) discovered(_ discover.Answer, err error) {
	if err != nil && s.cfg.Observer != nil {
		s.cfg.Observer.Event(context.Background(), Event{Kind: DiscoveryFailed, Service: s.cfg.Name, Err: err,
			Reason: "discovery failed; the last good answer stays"})
	}
}

// catchUp waits until a subscription's first answer has been taken over, which the cache may announce a moment after it has it.
func (s *Service) catchUp(context.Context) {
	if s.routes.Load() != nil {
		return
	}
	if a, ok := s.cache.Peek(); ok {
		s.update(a)
	}
}

// Close ends discovery, unless Config.Source is a cache, which is its owner's to close, and closes idle connections. Calls after it
// fail with ErrClosed; calls in flight go on.
func (s *Service) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.leave()
	var err error
	if s.ownCache {
		err = s.cache.Close()
	}
	s.nextJudge.Store(0)
	for _, t := range s.openTransports() {
		t.close()
	}
	return err
}

func (s *Service) openTransports() []*transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transports
}

// Name is the service's name.
func (s *Service) Name() string { return s.cfg.Name }

// Zone is the own AZ ID, "" if unknown.
func (s *Service) Zone() string { return s.cfg.Zone }

// HTTPClient returns a client with the service's transport, and no time limit of its own: give each request a context.
func (s *Service) HTTPClient() *http.Client { return &http.Client{Transport: s.Transport(nil)} }
