package affinity

import "github.com/pathproof/pathproof/affinity/discover"

// Config is what the service works with: the given configuration with its defaults filled in.
func (s *Service) Config() Config { return s.cfg }

// Discovery is how well discovery works: how old the last answer is, and what failed since.
func (s *Service) Discovery() discover.Status { return s.cache.Status() }

// Subscribe has f called with the endpoints now, if any are known, and with every change later, as discover.Cache.Subscribe does.
func (s *Service) Subscribe(f func(discover.Answer)) (stop func()) { return s.cache.Subscribe(f) }

// Refresh asks discovery sooner than planned, as discover.Cache.Refresh does.
func (s *Service) Refresh() { s.cache.Refresh() }
