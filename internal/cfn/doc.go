// Package cfn knows how CloudFormation carries out a change: which property replaces a resource, what only one resource
// may hold at a time, in which order stacks create and delete, and what an export denies. It reads templates and
// compares two states of the same stacks; it calls nothing and needs no Node.js.
//
// # Canonical values
//
// A property's value is one string, so that values from a template and from a plan can be compared. A planner that
// wants its resources compared with deployed ones has to write the same strings; Ref, GetAtt and Canonical help.
//
//   - A string is itself, a number or boolean is its JSON text: CloudFormation makes no difference between 1 and "1".
//   - {"Ref": ID} of a resource or parameter is {STACK/ID}, Fn::GetAtt is {STACK/ID.Attribute}.
//   - A pseudo parameter is {AWS::Region}, also where the Region is known. {"Ref": "AWS::NoValue"} is no value at all.
//   - Fn::ImportValue and Fn::GetStackOutput are the canonical value of the producer's output, so a value that passes
//     between stacks reads like one that does not. Where the producer's template is not there, they are
//     {?Fn::ImportValue NAME} and {?Fn::GetStackOutput REGION/STACK.OUTPUT}.
//   - Fn::Join and Fn::Sub are the text that they make, around the values above.
//   - Any other list, object or function is compact JSON with sorted keys and without HTML escapes. Every leaf is the
//     JSON string of its canonical value: {"Port":"80","VPCId":"{net/Vpc}"}. null is "".
//
// The name of a property is the schema's, with a dot before a nested one (DnsOptions.PrivateDnsPreference). Where a
// list is on the way (A.*.B), the value is the JSON list of all B.
//
// # What is known, and from where
//
// schemas.json is an extract of CloudFormation's own resource schemas; Extracted tells its date and source and
// `make schemas` writes it. corrections.go holds what is known otherwise, each with its source, custom.go pathproof's
// own custom resources. A property in neither is updated in place. The extract is that of us-east-1: Regions that lag
// behind may replace for more reasons; the ones known to matter are in corrections.go.
//
// # How a deployment goes
//
// Stacks are deployed one after the other, as `cdk deploy --all` does. In each, CloudFormation creates and updates
// first; what has left the template, and what was replaced, it deletes when everything else is done. A few types are
// the other way round when they are replaced under one logical id (DeletesFirst). An export cannot go or change while
// another stack imports it, and a stack that imports is as before until its turn comes. Stacks that are no longer there
// are left alone, with all that they hold.
//
// # Limits
//
// Compare looks at what templates say. It does not know what was changed by hand, what a failed deployment left
// half done, a default that an absent property stands for, or that some lists are sets: writing out a default or
// turning a create-only list around is reported as a replacement.
package cfn
