package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	pb "cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// addRest serves the part of the Pub/Sub REST API that tests use.
func addRest(mux *http.ServeMux, g *pstest.GServer, faults *faults) {
	project, topic, subscription := "/v1/projects/{id}", "/v1/projects/{project}/topics/{id}", "/v1/projects/{project}/subscriptions/{id}"
	routes := map[string]http.Handler{
		"GET " + project + "/topics":        rest(faults, "ListTopics", g.ListTopics, func(q *pb.ListTopicsRequest) *string { return &q.Project }),
		"GET " + project + "/subscriptions": rest(faults, "ListSubscriptions", g.ListSubscriptions, func(q *pb.ListSubscriptionsRequest) *string { return &q.Project }),
		"PUT " + topic:                      rest(faults, "CreateTopic", g.CreateTopic, func(q *pb.Topic) *string { return &q.Name }),
		"GET " + topic:                      rest(faults, "GetTopic", g.GetTopic, func(q *pb.GetTopicRequest) *string { return &q.Topic }),
		"DELETE " + topic:                   rest(faults, "DeleteTopic", g.DeleteTopic, func(q *pb.DeleteTopicRequest) *string { return &q.Topic }),
		"PUT " + subscription:               rest(faults, "CreateSubscription", g.CreateSubscription, func(q *pb.Subscription) *string { return &q.Name }),
		"GET " + subscription:               rest(faults, "GetSubscription", g.GetSubscription, func(q *pb.GetSubscriptionRequest) *string { return &q.Subscription }),
		"DELETE " + subscription:            rest(faults, "DeleteSubscription", g.DeleteSubscription, func(q *pb.DeleteSubscriptionRequest) *string { return &q.Subscription }),
		"POST " + topic: verbs{
			"publish": rest(faults, "Publish", g.Publish, func(q *pb.PublishRequest) *string { return &q.Topic }),
		},
		"POST " + subscription: verbs{
			"pull":              rest(faults, "Pull", g.Pull, func(q *pb.PullRequest) *string { return &q.Subscription }),
			"acknowledge":       rest(faults, "Acknowledge", g.Acknowledge, func(q *pb.AcknowledgeRequest) *string { return &q.Subscription }),
			"modifyAckDeadline": rest(faults, "ModifyAckDeadline", g.ModifyAckDeadline, func(q *pb.ModifyAckDeadlineRequest) *string { return &q.Subscription }),
			"seek":              rest(faults, "Seek", g.Seek, func(q *pb.SeekRequest) *string { return &q.Subscription }),
		},
	}
	for pattern, handler := range routes {
		mux.Handle(pattern, handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, status.Errorf(codes.Unimplemented, "not served: %s %s", r.Method, r.URL.Path))
	})
}

// verbs picks by what follows the last colon of the path, as in subscriptions/name:pull.
type verbs map[string]http.Handler

func (v verbs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, verb := r.URL.Path, ""
	if i := strings.LastIndex(path, ":"); i >= 0 {
		path, verb = path[:i], path[i+1:]
	}
	handler := v[verb]
	if handler == nil {
		fail(w, status.Errorf(codes.Unimplemented, "not served: %s", verb))
		return
	}
	r.URL.Path = path
	handler.ServeHTTP(w, r)
}

// rest answers with what call gives for the JSON body; the resource named by the path goes into the field of nameOf.
func rest[T any, Q interface {
	*T
	proto.Message
}, A proto.Message](faults *faults, method string, call func(context.Context, Q) (A, error), nameOf func(Q) *string) http.Handler {
	serve := func(r *http.Request) ([]byte, error) {
		if err := faults.before(method); err != nil {
			return nil, err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, invalid("%v", err)
		}
		request := Q(new(T))
		if len(body) > 0 {
			if err := protojson.Unmarshal(body, request); err != nil {
				return nil, invalid("%v", err)
			}
		}
		*nameOf(request) = resourceName(r.URL.Path)
		if err := checkLimits(request); err != nil {
			return nil, err
		}
		response, err := call(r.Context(), request)
		if err != nil {
			return nil, err
		}
		return protojson.Marshal(response)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := serve(r)
		if err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Write(body)
	})
}

// resourceName("/v1/projects/p/topics/t") is "projects/p/topics/t"; of a listing, it is the project.
func resourceName(path string) string {
	name := strings.TrimPrefix(path, "/v1/")
	if strings.Count(name, "/") == 2 {
		name = name[:strings.LastIndex(name, "/")]
	}
	return name
}

type errorForm struct {
	http int
	name string
}

var errorForms = map[codes.Code]errorForm{
	codes.InvalidArgument:    {400, "INVALID_ARGUMENT"},
	codes.FailedPrecondition: {400, "FAILED_PRECONDITION"},
	codes.Unauthenticated:    {401, "UNAUTHENTICATED"},
	codes.PermissionDenied:   {403, "PERMISSION_DENIED"},
	codes.NotFound:           {404, "NOT_FOUND"},
	codes.AlreadyExists:      {409, "ALREADY_EXISTS"},
	codes.Aborted:            {409, "ABORTED"},
	codes.ResourceExhausted:  {429, "RESOURCE_EXHAUSTED"},
	codes.Internal:           {500, "INTERNAL"},
	codes.Unknown:            {500, "UNKNOWN"},
	codes.Unimplemented:      {501, "UNIMPLEMENTED"},
	codes.Unavailable:        {503, "UNAVAILABLE"},
	codes.DeadlineExceeded:   {504, "DEADLINE_EXCEEDED"},
}

// fail answers with an error in Google's form.
func fail(w http.ResponseWriter, err error) {
	s := status.Convert(err)
	form, known := errorForms[s.Code()]
	if !known {
		form = errorForms[codes.Unknown]
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(form.http)
	json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]any{"code": form.http, "message": s.Message(), "status": form.name},
	})
}
