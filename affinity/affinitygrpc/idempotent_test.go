package affinitygrpc

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	_ "google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pathproof/pathproof/affinity"
)

func method(name string, level *descriptorpb.MethodOptions_IdempotencyLevel) *descriptorpb.MethodDescriptorProto {
	return &descriptorpb.MethodDescriptorProto{Name: &name, InputType: proto.String(".google.protobuf.StringValue"), OutputType: proto.String(".google.protobuf.StringValue"),
		Options: &descriptorpb.MethodOptions{IdempotencyLevel: level}}
}

// registerShop links a service's descriptor into the test, once.
func registerShop(t *testing.T) {
	t.Helper()
	if _, err := protoregistry.GlobalFiles.FindFileByPath("shop.proto"); err == nil {
		return
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("shop.proto"), Package: proto.String("shop"), Syntax: proto.String("proto3"), Dependency: []string{"google/protobuf/wrappers.proto"},
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("Orders"), Method: []*descriptorpb.MethodDescriptorProto{
			method("Get", descriptorpb.MethodOptions_NO_SIDE_EFFECTS.Enum()), method("Cancel", descriptorpb.MethodOptions_IDEMPOTENT.Enum()),
			method("Create", nil), method("Pay", descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN.Enum()),
		}}},
	}, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := protoregistry.GlobalFiles.RegisterFile(file); err != nil {
		t.Fatal(err)
	}
}

func TestIdempotentByDescriptor(t *testing.T) {
	registerShop(t)
	for full, want := range map[string]bool{
		"/shop.Orders/Get": true, "/shop.Orders/Cancel": true, "/shop.Orders/Create": false, "/shop.Orders/Pay": false,
		"/shop.Orders/None": false, "/shop.None/Get": false, "/google.protobuf.StringValue/Get": false, "nonsense": false,
	} {
		for range 2 { // the second time from memory
			if got := IdempotentByDescriptor(full); got != want {
				t.Errorf("%s: %v; want %v", full, got, want)
			}
		}
	}
}

func TestClassify_AndHowStreamsEnd(t *testing.T) {
	long, short := time.Second, time.Millisecond
	for _, tt := range []struct {
		err      error
		meaning  Meaning
		took     time.Duration
		answered bool
		outcome  affinity.Outcome
	}{
		{nil, Answer, long, true, affinity.Success},
		{status.Error(codes.NotFound, ""), Answer, long, false, affinity.Success},
		{status.Error(codes.ResourceExhausted, ""), Answer, long, false, affinity.Success},
		{status.Error(codes.Unavailable, ""), Sick, long, true, affinity.Failure},
		{status.Error(codes.Internal, ""), Sick, short, false, affinity.Failure},
		{status.Error(codes.DataLoss, ""), Sick, short, false, affinity.Failure},
		{errors.New("without a status"), Sick, short, false, affinity.Failure},
		{status.Error(codes.Canceled, ""), Abandoned, long, false, affinity.Canceled},
		{status.Error(codes.Canceled, ""), Abandoned, long, true, affinity.Success},
		{status.Error(codes.DeadlineExceeded, ""), Sick, long, true, affinity.Success},
		{status.Error(codes.DeadlineExceeded, ""), Sick, long, false, affinity.Failure},
		{status.Error(codes.DeadlineExceeded, ""), Sick, short, false, affinity.Canceled},
	} {
		t.Run(fmt.Sprintf("%v after %v, answered %v", status.Code(tt.err), tt.took, tt.answered), func(t *testing.T) {
			m := Classify(tt.err)
			if m != tt.meaning {
				t.Errorf("meaning %v; want %v", m, tt.meaning)
			}
			if got := ended(m, tt.err, tt.took, tt.answered); got != tt.outcome {
				t.Errorf("outcome %v; want %v", got, tt.outcome)
			}
		})
	}
}
