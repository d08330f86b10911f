package affinitygrpc

import (
	"strings"
	"sync"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

var idempotentMethods sync.Map // full method -> bool; as few as methods

// IdempotentByDescriptor says whether a method's descriptor has the option idempotency_level NO_SIDE_EFFECTS or IDEMPOTENT. Methods
// without a descriptor in the program are not idempotent.
func IdempotentByDescriptor(fullMethod string) bool {
	if known, ok := idempotentMethods.Load(fullMethod); ok {
		return known.(bool)
	}
	is := lookUp(fullMethod)
	idempotentMethods.Store(fullMethod, is)
	return is
}

func lookUp(fullMethod string) bool {
	service, method, ok := strings.Cut(strings.TrimPrefix(fullMethod, "/"), "/")
	if !ok {
		return false
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		return false
	}
	s, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return false
	}
	m := s.Methods().ByName(protoreflect.Name(method))
	if m == nil {
		return false
	}
	options, _ := m.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() != descriptorpb.MethodOptions_IDEMPOTENCY_UNKNOWN
}
