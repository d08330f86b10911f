package cfn

import "slices"

// correction is a property for which CloudFormation does something else than the schema extract says. This is the one
// place for them. Each needs a source that a reader can look up: documentation, an issue with the message that
// CloudFormation answered, a schema of another Region. Memory is no source.
type correction struct {
	typ, property string
	behaviour     behaviour
	source        string
}

type behaviour int

const (
	updates  behaviour = iota // in place, whatever the schema says
	replaces                  // always
	mayBe                     // depends on Region or value
	refuses                   // CloudFormation answers with an error
)

var corrections = []correction{
	{"AWS::CloudFormation::CustomResource", serviceToken, refuses,
		"the schema has it create-only; documented as \"Updates are not supported\", answered with \"Modifying service token is not allowed\": " +
			"aws-cloudformation/cloudformation-coverage-roadmap#802, serverless/serverless#9240"},
	{"AWS::EC2::VPNConnection", "TunnelBandwidth", mayBe,
		"not create-only in us-east-1, but in the schemas of me-central-1 and me-south-1 (cfn-lint 1.51.0)"},
}

func (c correction) apply(s *schema) {
	is := func(p string) bool { return p == c.property }
	s.CreateOnly = slices.DeleteFunc(s.CreateOnly, is)
	s.Conditional = slices.DeleteFunc(s.Conditional, is)
	switch c.behaviour {
	case replaces:
		s.CreateOnly = append(s.CreateOnly, c.property)
	case mayBe:
		s.Conditional = append(s.Conditional, c.property)
	case refuses:
		s.Refused = append(s.Refused, c.property)
	case updates:
	}
}
