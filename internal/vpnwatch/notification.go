package vpnwatch

// Notification is a message that Amazon Q Developer in chat applications, formerly AWS Chatbot, shows as it is. It drops
// messages that are neither this nor an event of AWS's own in its original form (Administrator Guide, "Custom notifications").
type Notification struct {
	Version  string   `json:"version"` // 1.0
	Source   string   `json:"source"`  // custom
	ID       string   `json:"id,omitempty"`
	Content  Content  `json:"content"`
	Metadata Metadata `json:"metadata,omitzero"`
}

// Content is what is shown.
type Content struct {
	TextType    string   `json:"textType,omitempty"` // client-markdown
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
}

// Metadata is what is known beside it.
type Metadata struct {
	Summary           string            `json:"summary,omitempty"`
	EventType         string            `json:"eventType,omitempty"`
	RelatedResources  []string          `json:"relatedResources,omitempty"`
	AdditionalContext map[string]string `json:"additionalContext,omitempty"`
}

// NotificationSource marks a notification.
const NotificationSource = "custom"

// HealthPattern is the pattern of EventBridge for AWS Health's events about VPN. Which event types there are AWS does not list, so
// all of the service count: lost redundancy, a single tunnel in use, maintenance. Only those about region: AWS sends copies of
// other Regions' events to a backup Region.
func HealthPattern(region any) map[string]any {
	return map[string]any{"source": []any{"aws.health"}, "detail-type": []any{"AWS Health Event"},
		"detail": map[string]any{"service": []any{"VPN"}, "eventRegion": []any{region}}}
}

// HealthPaths are the values of an event that HealthTemplate uses, by the name that it has there.
func HealthPaths() map[string]string {
	return map[string]string{"id": "$.id", "time": "$.time", "region": "$.region", "code": "$.detail.eventTypeCode",
		"category": "$.detail.eventTypeCategory", "text": "$.detail.eventDescription[0].latestDescription", "resources": "$.resources"}
}

// HealthTemplate is the input template that makes a Notification of an event. Values that are texts of AWS stand without
// quotes: EventBridge then writes them as JSON, with what has to be escaped.
func HealthTemplate(network string) string {
	return `{"version": "1.0", "source": "` + NotificationSource + `", "id": <id>, "content": {"textType": "client-markdown", ` +
		`"title": "AWS Health: Site-to-Site VPN, network ` + network + `", "description": <text>, ` +
		`"nextSteps": ["Look whether the other tunnels carry the traffic", "See the event in the AWS Health Dashboard"]}, ` +
		`"metadata": {"summary": <code>, "eventType": <category>, "relatedResources": <resources>, ` +
		`"additionalContext": {"network": "` + network + `", "region": <region>, "time": <time>}}}`
}
