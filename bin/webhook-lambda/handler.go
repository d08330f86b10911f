package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/pathproof/pathproof/internal/secret"
	"github.com/pathproof/pathproof/internal/webhook"
)

// handler posts the messages of events that SNS sends.
type handler struct {
	secret string // name or ARN
	read   func(ctx context.Context, id string) (string, error)
	poster *webhook.Poster
	log    *slog.Logger

	mu      sync.Mutex
	address secret.Text // kept while it works
}

// event is what SNS gives to a function: one record.
type event struct {
	Records []struct {
		EventSource string
		Sns         struct {
			Subject, Message, Timestamp string
			MessageID                   string `json:"MessageId"`
			TopicArn                    string
		}
	}
}

// handle posts every record of an event. After an error Lambda tries twice more and then puts the event into the queue of what
// could not be delivered.
func (h *handler) handle(ctx context.Context, raw json.RawMessage) error {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil || len(e.Records) == 0 {
		h.log.Error("event refused: not of SNS; only the topic may invoke this function")
		return nil // another try would read the same event
	}
	var errs []error
	for _, r := range e.Records {
		n := webhook.Notice{Subject: r.Sns.Subject, Message: r.Sns.Message, MessageID: r.Sns.MessageID, Timestamp: r.Sns.Timestamp, TopicArn: r.Sns.TopicArn}
		m := webhook.Parse(n)
		log := h.log.With("messageId", n.MessageID, "kind", string(m.Kind), "title", m.Title)
		if err := h.post(ctx, m); err != nil {
			log.Error("message not delivered", "error", err.Error())
			errs = append(errs, err)
			continue
		}
		log.Info("message delivered")
	}
	return errors.Join(errs...)
}

func (h *handler) post(ctx context.Context, m webhook.Message) error {
	to, err := h.where(ctx)
	if err != nil {
		return fmt.Errorf("secret %s: %w", h.secret, err)
	}
	err = h.poster.Post(ctx, to, m.Encode())
	if err != nil {
		h.forget() // perhaps there is another address now: a dead one need not answer with a refusal
	}
	return err
}

// where is the address, read once.
func (h *handler) where(ctx context.Context) (secret.Text, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.address.Empty() {
		return h.address, nil
	}
	if h.secret == "" {
		return secret.Text{}, fmt.Errorf("no name, got an empty %s; deploy the function as it is planned", webhook.EnvSecret)
	}
	text, err := h.read(ctx, h.secret)
	if err != nil {
		return secret.Text{}, err
	}
	h.address, err = webhook.ParseAddress(text)
	return h.address, err
}

func (h *handler) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.address = secret.Text{}
}
