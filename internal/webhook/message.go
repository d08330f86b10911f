package webhook

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// Notice is a message of the topic, as SNS gives it to a function.
type Notice struct {
	Subject, Message, MessageID, Timestamp, TopicArn string
}

// Kind is what a message is.
type Kind string

// The kinds of messages.
const (
	KindAlarm  Kind = "alarm"        // a CloudWatch alarm that changed its state
	KindNotice Kind = "notification" // in the form of vpnwatch.Notification, such as AWS Health's events
	KindJSON   Kind = "json"         // of no form that is known
	KindText   Kind = "text"
)

// Message is what people are told.
type Message struct {
	Kind   Kind
	State  string // of an alarm: ALARM, OK or INSUFFICIENT_DATA
	Title  string
	Text   vpnwatch.Text
	Reason string            // why, in AWS's words
	Facts  map[string]string // further ones, by name
	Link   string            // to the console
	Time   string
}

// alarm is CloudWatch's message of an alarm, also of a composite one (Amazon CloudWatch User Guide, "Amazon SNS").
type alarm struct {
	AlarmName, AlarmDescription, AlarmArn          string
	AWSAccountID                                   string `json:"AWSAccountId"`
	NewStateValue, NewStateReason, StateChangeTime string
	OldStateValue                                  string
	Trigger                                        struct {
		Dimensions []struct{ Name, Value string }
		Metrics    []struct {
			MetricStat struct {
				Metric struct {
					Dimensions []struct{ Name, Value string }
				}
			}
		}
	}
}

// Parse reads a notice. It understands everything: what it does not know is told as it is.
func Parse(n Notice) Message {
	var a alarm
	if json.Unmarshal([]byte(n.Message), &a) == nil && a.AlarmName != "" && a.NewStateValue != "" {
		return ofAlarm(&a)
	}
	var note vpnwatch.Notification
	if json.Unmarshal([]byte(n.Message), &note) == nil && note.Source == vpnwatch.NotificationSource && note.Content.Description != "" {
		return ofNotification(&note, n)
	}
	m := Message{Kind: KindText, Title: first(n.Subject, "Message of the topic for alarms"), Time: n.Timestamp}
	m.Text.What = n.Message
	var value any
	if strings.HasPrefix(strings.TrimSpace(n.Message), "{") && json.Unmarshal([]byte(n.Message), &value) == nil {
		pretty, err := json.MarshalIndent(value, "", "  ")
		if err == nil {
			m.Kind, m.Text.What = KindJSON, string(pretty)
		}
	}
	return m
}

func ofAlarm(a *alarm) Message {
	m := Message{Kind: KindAlarm, State: a.NewStateValue, Text: vpnwatch.ParseText(a.AlarmDescription), Reason: a.NewStateReason,
		Time: a.StateChangeTime, Facts: map[string]string{}, Link: consoleOf(a)}
	m.Title = first(m.Text.Title(), a.AlarmName)
	if m.Text.What == "" {
		m.Text.What = a.AlarmName
	}
	dimensions := a.Trigger.Dimensions
	for _, x := range a.Trigger.Metrics {
		dimensions = append(dimensions, x.MetricStat.Metric.Dimensions...)
	}
	for _, d := range dimensions {
		switch d.Name {
		case "VpnId":
			m.Facts["VPN id"] = d.Value
		case "TunnelIpAddress":
			m.Facts["AWS's address"] = d.Value
		}
	}
	return m
}

func ofNotification(note *vpnwatch.Notification, n Notice) Message {
	m := Message{Kind: KindNotice, Title: first(note.Content.Title, n.Subject, "Notification"), Facts: map[string]string{},
		Time: first(note.Metadata.AdditionalContext["time"], n.Timestamp)}
	m.Text.What, m.Text.Do = note.Content.Description, strings.Join(note.Content.NextSteps, ". ")
	if c := note.Metadata.Summary; c != "" {
		m.Facts["Event"] = c
	}
	if r := note.Metadata.AdditionalContext["region"]; r != "" {
		m.Facts["Region"] = r
	}
	if len(note.Metadata.RelatedResources) > 0 {
		m.Facts["Resources"] = strings.Join(note.Metadata.RelatedResources, ", ")
	}
	return m
}

var alarmARN = regexp.MustCompile(`^arn:(aws[a-z-]*):cloudwatch:([a-z0-9-]+):[0-9]{12}:alarm:`)

// consoleOf is the address of an alarm in the console, empty where that has another name.
func consoleOf(a *alarm) string {
	found := alarmARN.FindStringSubmatch(a.AlarmArn)
	if found == nil || found[1] != "aws" {
		return ""
	}
	return fmt.Sprintf("https://%s.console.aws.amazon.com/cloudwatch/home?region=%s#alarmsV2:alarm/%s", found[2], found[2], url.PathEscape(a.AlarmName))
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
