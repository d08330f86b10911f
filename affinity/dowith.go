package affinity

import (
	"context"

	"github.com/pathproof/pathproof/affinity/discover"
)

// DoOptions change what DoWith does. The zero value is Do.
type DoOptions struct {
	// Once says that the call must not be carried out twice: it is never hedged, and made again only after an error marked by NotSent.
	// Errors without a mark are taken as MaybeSent.
	Once bool
	// WorthTrial, if not nil, says of an endpoint that was sick whether a trial can tell anything now. A caller that keeps connections
	// knows that it cannot while the connection is down, and that it can as soon as it is up. It must be quick.
	WorthTrial func(discover.Endpoint) bool
}

// DoWith is Do for protocols that know more of a call: package affinitygrpc is made of it.
func (s *Service) DoWith(ctx context.Context, o DoOptions, fn func(ctx context.Context, ep discover.Endpoint) error) error {
	if o.Once {
		unmarkedFn := fn
		fn = func(ctx context.Context, ep discover.Endpoint) error {
			err := unmarkedFn(ctx, ep)
			if err != nil && markOf(err) == unmarked {
				return MaybeSent(err)
			}
			return err
		}
	}
	c := &doCaller{s: s, fn: fn}
	c.worth = o.WorthTrial
	_, err := c.run(ctx, s, c, "", !o.Once)
	return err
}
