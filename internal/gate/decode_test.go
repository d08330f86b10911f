package gate

import (
	"strings"
	"testing"
	"time"
)

const (
	cloudFormationEvent = `{"RequestType": "Create", "RequestId": "6b1f3b2c-1", "ResponseURL": "https://responses.example/x?X-Amz-Signature=S",
  "ResourceType": "Custom::PathproofGate", "LogicalResourceId": "Gate", "StackId": "arn:aws:cloudformation:us-west-2:111122223333:stack/ops/1",
  "ResourceProperties": {"ServiceToken": "arn", "RunKey": "k"}}`
	codePipelineEvent = `{"CodePipeline.job": {"id": "11111111-abcd-1111-abcd-111111abcdef", "accountId": "111122223333", "data": {
  "actionConfiguration": {"configuration": {"FunctionName": "gate", "UserParameters": "{\"paths\": [\"a\"]}"}},
  "inputArtifacts": [], "outputArtifacts": [], "artifactCredentials": {"accessKeyId": "x", "secretAccessKey": "y", "sessionToken": "z"}}}}`
	scheduledEvent = `{"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events",
  "account": "111122223333", "time": "2026-11-30T12:00:00Z", "region": "us-west-2", "resources": [], "detail": {}}`
)

func TestDecodeEvent(t *testing.T) {
	for name, c := range map[string]struct {
		event  string
		caller Caller
		run    string
	}{
		"cloudformation":    {cloudFormationEvent, ByCloudFormation, "6b1f3b2c-1"},
		"codepipeline":      {codePipelineEvent, ByCodePipeline, "11111111-abcd-1111-abcd-111111abcdef"},
		"schedule":          {scheduledEvent, BySchedule, "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa"},
		"scheduler":         {`{"pathproof": "schedule"}`, BySchedule, "inv"},
		"direct":            {`{"pathproof": "verify", "paths": ["a"], "samples": true}`, ByDirect, "inv"},
		"direct with an id": {`{"pathproof": "verify", "run_id": "again"}`, ByDirect, "again"},
		"half a request":    {`{"RequestType": 7, "ResponseURL": "https://x/", "RequestId": "r"}`, ByCloudFormation, "r"},
		"odd request id":    {`{"RequestType": "Create", "ResponseURL": "https://x/", "RequestId": "../../x"}`, ByCloudFormation, "inv"},
	} {
		e, err := DecodeEvent([]byte(c.event), "inv")
		if err != nil || e.Caller != c.caller || e.RunID != c.run {
			t.Errorf("%s: got %+v, %v", name, e, err)
		}
	}
}

func TestDecodeEvent_Refuses(t *testing.T) {
	for event, want := range map[string]string{
		`nonsense`: "not one that this function knows",
		`[]`:       "not one that this function knows",
		`{}`:       "got 0 of them",
		`{"Records": [{"eventSource": "aws:s3"}]}`:                                           "got 0 of them",
		`{"pathproof": "verify", "detail-type": "Scheduled Event"}`:                          "got 2 of them",
		`{"pathproof": "destroy"}`:                                                           `unknown command, got "destroy"`,
		`{"pathproof": "verify", "run_id": "../x"}`:                                          `run_id: got "../x"`,
		`{"RequestType": "Create", "StackId": "s"}`:                                          "ResponseURL: missing",
		`{"CodePipeline.job": {}}`:                                                           "CodePipeline.job.id: missing",
		`{"pathproof": "submit"}`:                                                            "event: result: EOF",
		`{"pathproof": "submit", "result": "AAAA"}`:                                          "event: result: ",
		`{"pathproof": "verify", "paths": "a"}`:                                              "event: json",
		`{"CodePipeline.job": {"id": "j"}, "ResponseURL": "https://x/", "RequestType": "C"}`: "got 2 of them",
		`{"detail-type": "x", "ResponseURL": "https://x/?SECRET"}`:                           "got 2 of them",
		`{"CodePipeline.job": {"id": 7, "data": {"secretAccessKey": "SECRET"}}}`:             "not one that this function knows",
		`{"ResponseURL": "https://x/?SECRET", "pathproof": ["verify", "SECRET"], "x"}`:       "not one that this function knows",
	} {
		_, err := DecodeEvent([]byte(event), "inv")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", event, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("the error holds a credential: %v", err)
		}
	}
}

func TestDecodeEvent_CodePipeline(t *testing.T) {
	e, err := DecodeEvent([]byte(codePipelineEvent), "inv")
	if err != nil {
		t.Fatal(err)
	}
	if paths, err := e.CodePipeline.UserParameters(); err != nil || len(paths) != 1 || paths[0] != "a" {
		t.Errorf("got %v, %v", paths, err)
	}
	e.CodePipeline.Data.ActionConfiguration.Configuration.UserParameters = "a,b"
	if _, err := e.CodePipeline.UserParameters(); err == nil || !strings.Contains(err.Error(), `write {"paths": ["a", "b"]}`) {
		t.Errorf("got %v", err)
	}
	again := strings.Replace(codePipelineEvent, `"inputArtifacts"`, `"continuationToken": "{\"run_id\":\"first\",\"started\":\"2026-11-30T12:00:00Z\",\"jobs\":2}", "inputArtifacts"`, 1)
	e, err = DecodeEvent([]byte(again), "inv")
	if err != nil || e.RunID != "first" || e.Continuation == nil || e.Continuation.Jobs != 2 || !e.Continuation.Started.Equal(noon) {
		t.Errorf("got %+v, %v", e, err)
	}
	e, err = DecodeEvent([]byte(strings.Replace(again, "first", "../..", 1)), "inv")
	if err != nil || e.Continuation != nil {
		t.Errorf("a foreign token is taken for ours: %+v, %v", e.Continuation, err)
	}
}

// Whatever comes: no panic, and what is accepted has a caller, a safe id and what its caller needs.
func FuzzDecodeEvent(f *testing.F) {
	for _, s := range []string{cloudFormationEvent, codePipelineEvent, scheduledEvent, `{"pathproof":"verify"}`, `{"pathproof":"schedule","run_id":"x"}`, `null`, `{"CodePipeline.job":null}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := DecodeEvent(raw, "inv")
		if err != nil {
			return
		}
		if !runID.MatchString(e.RunID) {
			t.Errorf("run id %q", e.RunID)
		}
		switch e.Caller {
		case ByCloudFormation:
			if e.CloudFormation == nil || e.CloudFormation.ResponseURL == "" {
				t.Error("CloudFormation cannot be answered")
			}
		case ByCodePipeline:
			if e.CodePipeline == nil || e.CodePipeline.ID == "" {
				t.Error("CodePipeline cannot be answered")
			}
			_, _ = e.CodePipeline.UserParameters()
			if c := e.Continuation; c != nil && c.Started.After(time.Now().AddDate(9999, 0, 0)) {
				t.Error("a run that starts in the far future")
			}
		case BySchedule, ByDirect:
		default:
			t.Errorf("caller %q", e.Caller)
		}
	})
}

// A document that Load accepts can be judged and counted, whatever is in it.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(small), `{"Prefix": "ref", "Host": "10.0.0.7"}`)
	f.Fuzz(func(_ *testing.T, document []byte, values string) {
		c, err := Load(document, values)
		if err != nil {
			return
		}
		r := c.Judge(nil)
		_ = r.Lines()
		for i := range c.Paths {
			_ = c.Dimensions(&c.Paths[i])
		}
	})
}
