package affinity

import (
	"context"

	"github.com/pathproof/pathproof/affinity/discover"
)

// DoOnce is Do for what must not be carried out twice: fn is never hedged, and called again only after an error marked by NotSent.
// Errors without a mark are taken as MaybeSent.
func (s *Service) DoOnce(ctx context.Context, fn func(ctx context.Context, ep discover.Endpoint) error) error {
	once := func(ctx context.Context, ep discover.Endpoint) error {
		err := fn(ctx, ep)
		if err != nil && markOf(err) == unmarked {
			return MaybeSent(err)
		}
		return err
	}
	c := &doCaller{s: s, fn: once}
	_, err := c.run(ctx, s, c, "", false)
	return err
}
