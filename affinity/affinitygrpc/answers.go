package affinitygrpc

import (
	"reflect"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"
)

// answers keeps attempts that race from writing into the same reply, header, trailer and peer: each writes into its own, and the first
// success is copied.
type answers struct {
	reply any
	opts  []grpc.CallOption
	once  sync.Once
}

// private returns a reply and options of an attempt's own.
func (a *answers) private() (reply any, opts []grpc.CallOption) {
	opts = slices.Clone(a.opts)
	for i, o := range opts {
		switch o.(type) {
		case grpc.HeaderCallOption:
			opts[i] = grpc.Header(&metadata.MD{})
		case grpc.TrailerCallOption:
			opts[i] = grpc.Trailer(&metadata.MD{})
		case grpc.PeerCallOption:
			opts[i] = grpc.Peer(&peer.Peer{})
		}
	}
	if m, ok := a.reply.(proto.Message); ok {
		return m.ProtoReflect().New().Interface(), opts
	}
	return reflect.New(reflect.TypeOf(a.reply).Elem()).Interface(), opts
}

// win hands out an attempt's answer unless another one was. It returns when an answer is complete.
func (a *answers) win(reply any, opts []grpc.CallOption) {
	a.once.Do(func() {
		if m, ok := a.reply.(proto.Message); ok {
			proto.Reset(m)
			proto.Merge(m, reply.(proto.Message))
		} else {
			reflect.ValueOf(a.reply).Elem().Set(reflect.ValueOf(reply).Elem())
		}
		for i, o := range opts {
			switch own := o.(type) {
			case grpc.HeaderCallOption:
				*a.opts[i].(grpc.HeaderCallOption).HeaderAddr = *own.HeaderAddr
			case grpc.TrailerCallOption:
				*a.opts[i].(grpc.TrailerCallOption).TrailerAddr = *own.TrailerAddr
			case grpc.PeerCallOption:
				*a.opts[i].(grpc.PeerCallOption).PeerAddr = *own.PeerAddr
			}
		}
	})
}
