package affinitygrpc

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// streams watches streams: when the other side first says something, which is what their latency is. Their length is not.
type streams struct{ options Options }

func (s *streams) intercept(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, streamer grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	watched := &stream{classify: s.options.Classify}
	cs, err := streamer(context.WithValue(ctx, streamKey{}, watched), desc, cc, method, opts...)
	if err != nil {
		return nil, err
	}
	return &clientStream{ClientStream: cs, watched: watched}, nil
}

type streamKey struct{}

type stream struct {
	classify func(string, error) Meaning
	first    atomic.Pointer[time.Time]
}

func (s *stream) answered() {
	if s.first.Load() == nil {
		now := time.Now()
		s.first.CompareAndSwap(nil, &now)
	}
}

// latency is the time until the first answer, or all of it while there was none.
func (s *stream) latency(begin time.Time, all time.Duration) (took time.Duration, answered bool) {
	if first := s.first.Load(); first != nil {
		return first.Sub(begin), true
	}
	return all, false
}

type clientStream struct {
	grpc.ClientStream
	watched *stream
}

func (c *clientStream) Header() (metadata.MD, error) {
	md, err := c.ClientStream.Header()
	if err == nil && md != nil {
		c.watched.answered()
	}
	return md, err
}

func (c *clientStream) RecvMsg(m any) error {
	err := c.ClientStream.RecvMsg(m)
	if err == nil {
		c.watched.answered()
	}
	return err
}
