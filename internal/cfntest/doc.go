// Package cfntest plays CloudFormation for tests: an engine in memory that creates, updates, rolls back and deletes stacks
// and refuses what CloudFormation refuses, and a server that puts the engine behind the APIs that the CDK CLI and the AWS SDK
// speak. No account, no clock to wait for; resources are names in a table.
//
// # What it plays, and from where
//
// Statuses and their order are those of the AWS CloudFormation User Guide ("Stack status codes", "Understand CloudFormation
// stack creation events", "Continue rolling back an update", "Protect stacks from being deleted", "Update behaviors of stack
// resources"):
//
//   - Resources are created and updated in the order of their references, and deleted in reverse. In an update everything is
//     created and updated first; what left the template and what was replaced is deleted in the cleanup that follows, except
//     types that cfn.DeletesFirst names.
//   - A change of a create-only property replaces a resource, decided by the values that properties have at that moment, so a
//     replacement reaches whatever holds the old id. A value of another Region in a create-only property replaces whenever its
//     stack is updated at all (aws/aws-cdk#38829).
//   - A slot (cfn.SlotOf) is held once in the whole engine.
//   - An export that another stack imports can neither go nor change: the update rolls back, and a deletion ends in the state
//     that the stack was in, with the reason (aws/aws-cdk#604). A missing export fails the change set.
//   - A failed creation is rolled back to ROLLBACK_COMPLETE, a failed update to UPDATE_ROLLBACK_COMPLETE, and a rollback that
//     fails ends in ROLLBACK_FAILED or UPDATE_ROLLBACK_FAILED, from which ContinueUpdateRollback goes on.
//   - Retained resources stay behind with their slots.
//   - Termination protection refuses DeleteStack.
//
// # What it does not know
//
// Properties that cfn does not watch are updated in place and have no effect. No service behind CloudFormation is played: a
// route to a gateway that is not attached is created, a VPC with foreign interfaces is deleted, nothing takes time and no
// quota is counted. Drift, hooks, nested stacks, imports of resources and stack policies are not there. What only an account can show
// stands in docs/LIVE.md.
//
// # Use
//
// Engine.Deploy and Engine.Delete take planned stacks, without a template, for tests of many changes:
//
//	e := cfntest.New()
//	for _, s := range change.StacksOf(plan) {
//		if err := e.Deploy(s); err != nil { ... } // rolled back, as the error says
//	}
//
// Fail makes operations fail, Hold stops one half way, State is what is deployed, Events what happened. Serve starts the server
// for programs.
package cfntest
