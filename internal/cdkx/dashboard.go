package cdkx

import (
	"fmt"
	"time"
)

// Widget is one widget of a dashboard, in CloudWatch's own form.
type Widget struct {
	Type       string         `json:"type"`
	X          int            `json:"x"`
	Y          int            `json:"y"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Properties map[string]any `json:"properties"`
}

// Rate is a schedule of EventBridge: every so many whole minutes.
func Rate(every time.Duration) string {
	minutes, unit := int(every/time.Minute), "minutes"
	if minutes == 1 {
		unit = "minute"
	}
	return fmt.Sprintf("rate(%d %s)", minutes, unit)
}
