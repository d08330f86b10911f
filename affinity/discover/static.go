package discover

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/pathproof/pathproof/affinity/zone"
)

// Static returns a source that always gives the same answer: for tests, and for services whose addresses never change.
// It refuses endpoints that nobody could dial and zones that are not AZ IDs, all in one error.
func Static(endpoints ...Endpoint) (Source, error) {
	var problems []error
	for i, e := range endpoints {
		if host, port, err := net.SplitHostPort(e.Addr); err != nil || host == "" || port == "" {
			problems = append(problems, fmt.Errorf("endpoint %d: not an address, got %q; give host:port", i, e.Addr))
		}
		if e.Zone == "" {
			continue
		}
		if err := zone.Check(e.Zone); err != nil {
			problems = append(problems, fmt.Errorf("endpoint %d: %w", i, err))
		}
	}
	if len(endpoints) == 0 {
		problems = append(problems, errors.New("no endpoint, got none; give at least one"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return static(Answer{Endpoints: endpoints}.Normalize()), nil
}

type static Answer

func (s static) Discover(ctx context.Context) (Answer, error) { return Answer(s), ctx.Err() }

// Func makes a source of a function.
type Func func(ctx context.Context) (Answer, error)

// Discover calls the function.
func (f Func) Discover(ctx context.Context) (Answer, error) { return f(ctx) }
