package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/awsdata"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/problem"
	"github.com/pathproof/pathproof/internal/topology"
)

// deployedState reads what is deployed, in the accounts and Regions of the plan and of what is deployed.
func (f *comparisonFlags) deployedState(c *cobra.Command, now *topology.Plan) (change.Deployed, error) {
	for _, region := range f.regions {
		if !awsdata.IsRegionCode(region) {
			return change.Deployed{}, &usageError{fmt.Errorf("--regions: not a Region, got %q; use codes such as eu-west-1", region)}
		}
	}
	qualifier, err := bootstrapQualifier("cdk.json")
	if err != nil {
		return change.Deployed{}, err
	}
	aws, err := deployed.Connect(c.Context(), f.profile)
	if err != nil {
		return change.Deployed{}, err
	}
	return aws.Read(c.Context(), now, deployed.Options{Regions: f.regions, Qualifier: qualifier, Profile: f.profile})
}

// problemsOfDeployed says what is wrong with what is deployed of a plan, for verify.
func problemsOfDeployed(ctx context.Context, profile string, plan *topology.Plan) (problem.List, error) {
	qualifier, err := bootstrapQualifier("cdk.json")
	if err != nil {
		return nil, err
	}
	aws, err := deployed.Connect(ctx, profile)
	if err != nil {
		return nil, err
	}
	d, err := aws.Read(ctx, plan, deployed.Options{Qualifier: qualifier, Profile: profile})
	return d.Problems, err
}

// bootstrapQualifier is the qualifier that the CDK app's settings name; empty is CDK's own.
func bootstrapQualifier(file string) (string, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var settings struct {
		Context struct {
			Qualifier string `json:"@aws-cdk/core:bootstrapQualifier"`
		}
	}
	if err := json.Unmarshal(text, &settings); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	return settings.Context.Qualifier, nil
}
