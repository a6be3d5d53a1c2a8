// A worker in Go: it takes the tasks of the resource "greet".
//
//	NATS_URL=nats://127.0.0.1:4222 go run worker.go
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	resource  = "greet"
	tenant    = "default"
	namespace = "default"
)

// task is what a message holds; the protocol has the other fields.
type task struct {
	TaskID           string          `json:"taskId"`
	Token            string          `json:"token"`
	Resource         string          `json:"resource"`
	Input            json.RawMessage `json:"input"`
	TimeoutSeconds   *float64        `json:"timeoutSeconds"`
	HeartbeatSeconds *float64        `json:"heartbeatSeconds"`
}

// taskFailed fails the task: Retry and Catch of the workflow see the error's name.
type taskFailed struct{ name, cause string }

func (failure taskFailed) Error() string { return failure.cause }

// greet is what this worker is for. The same task may come twice, with the same TaskID.
func greet(work task) (any, error) {
	var input struct {
		Name string `json:"name"`
	}
	if err := json.Unmarshal(work.Input, &input); err != nil {
		return nil, err
	}
	if input.Name == "" {
		return nil, taskFailed{"NoName", "Nobody to greet"}
	}
	return map[string]string{"greeting": "Hello, " + input.Name}, nil
}

// ask sends a request to the engine: "" where it was carried out, else the code of the refusal.
func ask(connection *nats.Conn, subject string, body any) string {
	data, _ := json.Marshal(body)
	for {
		reply, err := connection.Request(fmt.Sprintf("weft.api.%s.%s.%s", tenant, namespace, subject), data, 10*time.Second)
		if err == nil && reply.Header.Get("Nats-Service-Error-Code") == "" {
			return ""
		}
		if err == nil {
			var refusal struct{ Error struct{ Code string } }
			_ = json.Unmarshal(reply.Data, &refusal)
			if code := refusal.Error.Code; code != "Unavailable" && code != "Internal" {
				return code
			}
		}
		time.Sleep(time.Second) // no answer, or not now: the engine is being restarted
	}
}

// work does one task. It is acknowledged after the engine has its outcome, not before: whoever dies earlier leaves it to another worker.
func work(connection *nats.Conn, message *nats.Msg) {
	var given task
	if err := json.Unmarshal(message.Data, &given); err != nil || given.Resource != resource {
		_ = message.NakWithDelay(time.Second) // another resource with the same hash: not ours
		return
	}
	if given.TimeoutSeconds != nil || given.HeartbeatSeconds != nil {
		switch ask(connection, "tasks.activate", map[string]any{"token": given.Token}) {
		case "InvalidStatus", "NotFound", "InvalidToken": // it has ended otherwise
			_ = message.Ack()
			return
		}
	}
	lease := time.NewTicker(10 * time.Second) // or another worker would get it after 30 s
	defer lease.Stop()
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-lease.C:
				_ = message.InProgress()
			case <-done:
				return
			}
		}
	}()
	output, err := greet(given)
	var failure taskFailed
	switch {
	case errors.As(err, &failure):
		ask(connection, "tasks.fail", map[string]any{"token": given.Token, "error": failure.name, "cause": failure.cause})
	case err != nil:
		ask(connection, "tasks.fail", map[string]any{"token": given.Token, "error": "Failed", "cause": err.Error()})
	default:
		switch refused := ask(connection, "tasks.complete", map[string]any{"token": given.Token, "output": output}); refused {
		case "PayloadTooLarge", "InvalidArgument":
			ask(connection, "tasks.fail", map[string]any{"token": given.Token, "error": "States.DataLimitExceeded", "cause": refused})
		}
	}
	_ = message.Ack()
}

// subscribe makes the consumer that all workers of a resource share (again: that changes nothing) and pulls from it.
func subscribe(stream nats.JetStreamContext) (*nats.Subscription, error) {
	hash7 := fmt.Sprintf("%x", sha256.Sum256([]byte(resource)))[:7]
	durable := fmt.Sprintf("weft-%s-%s-%s", tenant, namespace, hash7)
	subject := fmt.Sprintf("weft.task.%s.%s.%s", tenant, namespace, hash7)
	_, err := stream.AddConsumer("WEFT_TASKS", &nats.ConsumerConfig{
		Durable:       durable,
		FilterSubject: subject,
		AckPolicy:     nats.AckExplicitPolicy,
		AckWait:       30 * time.Second,
		DeliverPolicy: nats.DeliverAllPolicy,
		MaxDeliver:    -1,
		MaxAckPending: 65_536,
	})
	if err != nil {
		return nil, err
	}
	return stream.PullSubscribe(subject, durable, nats.Bind("WEFT_TASKS", durable))
}

func main() {
	url := os.Getenv("NATS_URL")
	if url == "" {
		url = nats.DefaultURL
	}
	connection, err := nats.Connect(url, nats.MaxReconnects(-1))
	if err != nil {
		log.Fatal(err)
	}
	stream, err := connection.JetStream()
	if err != nil {
		log.Fatal(err)
	}
	subscription, err := subscribe(stream)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("Working on %s", resource)
	for {
		messages, err := subscription.Fetch(1, nats.MaxWait(20*time.Second))
		if err != nil && !errors.Is(err, nats.ErrTimeout) {
			time.Sleep(time.Second) // the consumer has gone with the server's memory
			if again, err := subscribe(stream); err == nil {
				subscription = again
			}
			continue
		}
		for _, message := range messages {
			work(connection, message)
		}
	}
}
