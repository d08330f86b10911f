package transitvpn

import "github.com/aws/aws-cdk-go/awscdk/v2"

// stackName is a stack's name. That of a nested stack is known only when CloudFormation has made it, so it is told by the
// stack around it.
func stackName(s awscdk.Stack) string {
	if outer := s.NestedStackParent(); outer != nil {
		return stackName(outer) + "-" + *s.Node().Id()
	}
	return *s.StackName()
}
