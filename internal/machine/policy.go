package machine

import "github.com/pathproof/pathproof/internal/cdkx"

// Statement allows actions on resources.
type Statement struct {
	Actions   []string
	Resources []any
	// Condition is IAM's, by operator. Default: none.
	Condition map[string]any
}

// Allow is a statement without a condition.
func Allow(actions []string, resources ...any) Statement {
	return Statement{Actions: actions, Resources: resources}
}

// Document is a policy of statements.
func Document(statements ...Statement) map[string]any {
	list := make([]any, len(statements))
	for i, s := range statements {
		one := map[string]any{"Effect": "Allow", "Action": s.Actions, "Resource": s.Resources}
		if s.Condition != nil {
			one["Condition"] = s.Condition
		}
		list[i] = one
	}
	return map[string]any{"Version": "2012-10-17", "Statement": list}
}

// trust lets EC2 take a role on.
func trust() map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": map[string]any{"Service": "ec2.amazonaws.com"}}}}
}

// Arn is the ARN of something of this account and Region, such as elastic-ip/eipalloc-1 of ec2.
func Arn(service string, resource ...any) any {
	return join(append([]any{cdkx.Sub("arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:")}, resource...)...)
}

func join(parts ...any) any { return map[string]any{"Fn::Join": []any{"", parts}} }

// common is what every machine of a role may do: be reached by Session Manager, send metrics into one namespace and write one
// log group. AmazonSSMManagedInstanceCore would let it read every parameter of the account too.
func common(namespace string, logGroupArn *string) []Statement {
	out := []Statement{Allow([]string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
		"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}, "*")}
	if namespace != "" {
		out = append(out, Statement{[]string{"cloudwatch:PutMetricData"}, []any{"*"}, map[string]any{"StringEquals": map[string]any{"cloudwatch:namespace": namespace}}})
	}
	return append(out, Allow([]string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"}, logGroupArn))
}
