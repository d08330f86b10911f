package deployed

import (
	"context"
	"errors"
	"sync"
)

// each runs f for 0 to n-1, at most parallel at a time, and returns every error, in order. When the context ends it starts
// nothing more.
func each(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	errs := make([]error, n)
	free := make(chan struct{}, parallel)
	var running sync.WaitGroup
	for i := range n {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			errs[i] = f(ctx, i)
			<-free
		})
	}
	running.Wait()
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	return errors.Join(errs...)
}
