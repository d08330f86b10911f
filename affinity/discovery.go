package affinity

import (
	"context"

	"github.com/pathproof/pathproof/affinity/discover"
)

// Config is what the service works with: the given configuration with its defaults filled in.
func (s *Service) Config() Config { return s.cfg }

// Discovery is how well discovery works: how old the last answer is, and what failed since.
func (s *Service) Discovery() discover.Status { return s.cache.Status() }

// Endpoints is discovery's last good answer. It waits only while there has never been one, as discover.Cache.Discover does.
func (s *Service) Endpoints(ctx context.Context) (discover.Answer, error) {
	return s.cache.Discover(ctx)
}

// Subscribe has f called with the endpoints now, if any are known, and with every change later, as discover.Cache.Subscribe does.
func (s *Service) Subscribe(f func(discover.Answer)) (stop func()) { return s.cache.Subscribe(f) }

// Refresh asks discovery sooner than planned, as discover.Cache.Refresh does.
func (s *Service) Refresh() { s.cache.Refresh() }
